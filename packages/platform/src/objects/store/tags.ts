/** Tags of an object or a bucket, by name. */
export type Tags = Readonly<Record<string, string>>;
