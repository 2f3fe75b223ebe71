/** Branded identifiers: UUIDs (RFC 9562) that can't be passed one for another. */
type Id<Brand extends string> = string & { readonly __brand: Brand };

export type AccountId = Id<'AccountId'>;
export type AppId = Id<'AppId'>;
export type ReleaseId = Id<'ReleaseId'>;
export type SlugId = Id<'SlugId'>;
export type BuildId = Id<'BuildId'>;
export type DynoId = Id<'DynoId'>;
export type AddOnId = Id<'AddOnId'>;
export type AttachmentId = Id<'AttachmentId'>;
export type DomainId = Id<'DomainId'>;
export type SniEndpointId = Id<'SniEndpointId'>;
export type SchedulerJobId = Id<'SchedulerJobId'>;
