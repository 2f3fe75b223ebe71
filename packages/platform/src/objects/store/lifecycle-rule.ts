import type { Tags } from './tags.ts';

/** One rule of a bucket's lifecycle configuration. */
export interface LifecycleRule {
  readonly id: string;
  readonly enabled: boolean;
  readonly prefix: string;
  readonly tags: Tags;
  readonly largerThan?: number | undefined;
  readonly smallerThan?: number | undefined;
  /** Objects expire so many days after they were made, at the next midnight (UTC). */
  readonly expireDays?: number | undefined;
  /** Unix time from which on they expire. */
  readonly expireAtMs?: number | undefined;
  readonly abortUploadDays?: number | undefined;
  /** Whether `prefix` was given outside a Filter, as clients of old do. */
  readonly bare?: true | undefined;
}
