import type { BucketCall, Call, ObjectCall } from '../http/call.ts';

/**
 * Who may ask for an operation.
 * - `owner`: the account that has the bucket
 * - `list`, `read`, `write`: also those whom the ACL of bucket or object lets in
 * - `form`: whom a signed policy in the body lets in
 */
export type Access = 'form' | 'owner' | 'list' | 'read' | 'write';

interface Matched {
  readonly name: string;
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** A query parameter that makes it this operation and no other of the method. */
  readonly query?: string;
  /** A header that does. */
  readonly header?: string;
}

/** One of S3's operations; the first that matches a request is taken. */
export type Operation = Matched &
  (
    | { readonly on: 'service'; readonly run: (call: Call) => Promise<void> | void }
    /** The bucket need not exist. */
    | { readonly on: 'bucket name'; readonly run: (call: Call) => Promise<void> | void }
    | { readonly on: 'bucket'; readonly access: Access; readonly run: (call: BucketCall) => Promise<void> | void }
    | { readonly on: 'object'; readonly access: Access; readonly run: (call: ObjectCall) => Promise<void> | void }
  );
