import { invalidArgument, S3Error } from '../s3-error.ts';

/** The four headers, by whatever names they came. Times are compared in whole seconds. */
export interface Preconditions {
  readonly ifMatch: string | undefined;
  readonly ifNoneMatch: string | undefined;
  readonly ifModifiedSince: string | undefined;
  readonly ifUnmodifiedSince: string | undefined;
}

interface Current {
  readonly etag: string;
  readonly modifiedMs: number;
}

const names = (list: string, etag: string): boolean =>
  list.split(',').some((entry) => {
    const name = entry.trim().replace(/^W\//, '');
    return name === '*' || name.replace(/^"(.*)"$/, '$1') === etag;
  });

const secondsOf = (date: string): number => Math.floor(Date.parse(date) / 1000);

/**
 * What stands against answering with an object: 412, or 304.
 * @see RFC 9110 section 13.2.2
 */
export const failedPrecondition = (
  conditions: Preconditions,
  current: Current,
): 'PreconditionFailed' | 'NotModified' | undefined => {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions;
  const modified = Math.floor(current.modifiedMs / 1000);
  if (ifMatch !== undefined) {
    if (!names(ifMatch, current.etag)) return 'PreconditionFailed';
  } else if (ifUnmodifiedSince !== undefined && modified > secondsOf(ifUnmodifiedSince)) {
    return 'PreconditionFailed';
  }
  if (ifNoneMatch !== undefined) return names(ifNoneMatch, current.etag) ? 'NotModified' : undefined;
  // A date that can't be read is no condition: comparisons with NaN are false.
  return ifModifiedSince !== undefined && modified <= secondsOf(ifModifiedSince) ? 'NotModified' : undefined;
};

/**
 * Whether a write may go ahead over what is there now.
 * @throws S3Error PreconditionFailed, NoSuchKey (If-Match where there is nothing), InvalidArgument
 */
export const assertWritable = (
  ifMatch: string | undefined,
  ifNoneMatch: string | undefined,
  current: Current | undefined,
): void => {
  if (ifNoneMatch !== undefined && ifNoneMatch.trim() !== '*' && !/^"?[0-9a-f-]+"?$/.test(ifNoneMatch.trim()))
    throw invalidArgument('If-None-Match', ifNoneMatch, '"*" or an ETag');
  if (ifMatch !== undefined) {
    if (current === undefined) throw new S3Error('NoSuchKey');
    if (!names(ifMatch, current.etag)) throw new S3Error('PreconditionFailed', undefined, { Condition: 'If-Match' });
  }
  if (ifNoneMatch !== undefined && current !== undefined && names(ifNoneMatch, current.etag))
    throw new S3Error('PreconditionFailed', undefined, { Condition: 'If-None-Match' });
};
