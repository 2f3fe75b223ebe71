import { s3Errors } from './s3-errors.data.ts';

export type S3ErrorCode = keyof typeof s3Errors;

/** What a client is told in S3's form; `details` become further elements of the answer (`BucketName`, `ArgumentName`). */
export class S3Error extends Error {
  readonly code: S3ErrorCode;
  readonly status: number;
  readonly details: Readonly<Record<string, string>>;

  constructor(code: S3ErrorCode, message: string = s3Errors[code][1], details: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.status = s3Errors[code][0];
    this.details = details;
  }
}

export const invalidArgument = (name: string, value: string, expected: string): S3Error =>
  new S3Error('InvalidArgument', `${name}: expected ${expected}; got ${JSON.stringify(value.slice(0, 200))}.`, {
    ArgumentName: name,
    ArgumentValue: value.slice(0, 200),
  });

/** Faults of the disk and of SQLite, in S3's words; anything else is an InternalError whose cause is for our log. */
export const asS3Error = (error: unknown): S3Error => {
  if (error instanceof S3Error) return error;
  if (isDiskFull(error)) return new S3Error('StorageFull');
  const internal = new S3Error('InternalError');
  internal.cause = error;
  return internal;
};

const sqliteFull = 13;

const isDiskFull = (error: unknown): boolean =>
  error instanceof Error &&
  (('code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')) ||
    ('errcode' in error && error.errcode === sqliteFull));
