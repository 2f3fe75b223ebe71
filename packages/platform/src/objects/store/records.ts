import type { Checksum, ChecksumAlgorithm } from '../checksums/checksum.ts';
import type { Piece } from './blob-files.ts';
import type { CorsRule } from './cors-rule.ts';
import type { LifecycleRule } from './lifecycle-rule.ts';
import type { Tags } from './tags.ts';

/** Who but the owner may do what. @see Amazon S3 User Guide, "Canned ACL" */
export const acls = ['private', 'public-read', 'public-read-write', 'authenticated-read'] as const;
export type Acl = (typeof acls)[number];

export interface BucketRecord {
  readonly name: string;
  /** Unix time. */
  readonly createdMs: number;
  readonly acl: Acl;
  readonly cors?: readonly CorsRule[] | undefined;
  readonly lifecycle?: readonly LifecycleRule[] | undefined;
  readonly tags?: Tags | undefined;
}

/** What a client says of an object when it makes it. */
export interface ObjectAbout {
  readonly contentType: string;
  /** Headers to be given back, by lower-case name: `cache-control`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Without `x-amz-meta-`. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly acl: Acl;
  readonly tags: Tags;
  readonly checksum?: Checksum | undefined;
  /** Sizes of the parts in which it was uploaded. */
  readonly partSizes?: readonly number[] | undefined;
  /** The upload in parts that made it, so that its completion can be asked for again. */
  readonly upload?: string | undefined;
}

export interface ObjectRecord {
  readonly key: string;
  readonly size: number;
  /** Without quotes: MD5 in hex, of uploads in N parts with `-N`. */
  readonly etag: string;
  readonly modifiedMs: number;
  readonly pieces: readonly Piece[];
  readonly about: ObjectAbout;
}

export interface UploadRecord {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly startedMs: number;
  readonly about: ObjectAbout;
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly type: Checksum['type'] } | undefined;
}

export interface PartRecord {
  readonly number: number;
  readonly size: number;
  /** MD5 in hex. */
  readonly etag: string;
  readonly modifiedMs: number;
  readonly pieces: readonly Piece[];
  readonly checksum: Checksum | undefined;
}
