import type { IncomingMessage, ServerResponse } from 'node:http';
import type { PayloadPromise } from '../auth/authenticate.ts';
import { S3Error } from '../s3-error.ts';
import type { AccountStore } from '../store/account-store.ts';
import type { Accounts } from '../store/accounts.ts';
import type { BucketRecord } from '../store/records.ts';
import type { RequestTarget } from './request-target.ts';

/** One request, its sender known and its bucket found. */
export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: RequestTarget;
  /** Who sends it; undefined: anybody. */
  readonly sender: AccountStore | undefined;
  readonly payload: PayloadPromise;
  readonly accounts: Accounts;
  /** Has the sender been told to go on? Called before the body is read. */
  readonly continue: () => void;
}

/** A call about a bucket that exists. */
export interface BucketCall extends Call {
  readonly store: AccountStore;
  readonly bucket: BucketRecord;
}

export interface ObjectCall extends BucketCall {
  readonly key: string;
}

/** A header, or the query parameter of its name in presigned requests, whose signers move `x-amz-` headers there. */
export const amzHeader = ({ request, target }: Pick<Call, 'request' | 'target'>, name: string): string | undefined => {
  const value = request.headers[name];
  if (value !== undefined) return Array.isArray(value) ? value.join(',') : value;
  if (!target.query.has('X-Amz-Signature')) return undefined;
  return target.query.entries.find(([other]) => other.toLowerCase() === name)?.[1];
};

/** @throws S3Error MethodNotAllowed, NoSuchVersion for versions other than the one there is */
export const assertCurrentVersion = (version: string | undefined): void => {
  if (version === undefined || version === 'null' || version === '') return;
  throw new S3Error(
    'NoSuchVersion',
    `versionId: expected "null", since buckets here keep no versions; got ${JSON.stringify(version.slice(0, 100))}.`,
  );
};

export const quoted = (etag: string): string => `"${etag}"`;
