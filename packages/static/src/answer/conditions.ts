import { listNames } from './entity-tags.ts';
import { parseHttpDate } from './http-date.ts';

/** Headers of a request as node:http gives them: names in small letters. */
export type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** What conditions are held against. */
export interface Validators {
  /** Strong, with its quotes. */
  readonly etag: string | undefined;
  /** Milliseconds since 1970, whole seconds. */
  readonly lastModifiedMs: number | undefined;
}

/** One header's value; several lines of it are one list. */
export const headerOf = (headers: RequestHeaders, name: string): string | undefined => {
  const value = headers[name];
  return typeof value === 'object' ? value.join(', ') : value;
};

const dateOf = (headers: RequestHeaders, name: string): number | undefined => {
  const text = headerOf(headers, name);
  return text === undefined ? undefined : parseHttpDate(text);
};

/**
 * Whether to go on (200), say "not modified" (304) or "precondition failed" (412), in the order the RFC sets.
 * @see RFC 9110 section 13.2.2
 */
export const evaluateConditions = (headers: RequestHeaders, { etag, lastModifiedMs }: Validators): 200 | 304 | 412 => {
  const ifMatch = headerOf(headers, 'if-match');
  const unmodifiedSince = dateOf(headers, 'if-unmodified-since');
  if (ifMatch !== undefined) {
    if (!listNames(ifMatch, etag, 'strong')) return 412;
  } else if (unmodifiedSince !== undefined && lastModifiedMs !== undefined && lastModifiedMs > unmodifiedSince) {
    return 412;
  }
  const ifNoneMatch = headerOf(headers, 'if-none-match');
  if (ifNoneMatch !== undefined) return listNames(ifNoneMatch, etag, 'weak') ? 304 : 200;
  const modifiedSince = dateOf(headers, 'if-modified-since');
  return modifiedSince !== undefined && lastModifiedMs !== undefined && lastModifiedMs <= modifiedSince ? 304 : 200;
};

/**
 * Whether If-Range, where present, allows a part: only for exactly the bytes that the client has.
 * @see RFC 9110 sections 13.1.5 and 8.8.2.2
 */
export const rangeStillValid = (headers: RequestHeaders, { etag, lastModifiedMs }: Validators): boolean => {
  const condition = headerOf(headers, 'if-range')?.trim();
  if (condition === undefined) return true;
  if (condition.startsWith('"')) return condition === etag;
  const date = parseHttpDate(condition);
  return date !== undefined && date === lastModifiedMs && Date.now() - date >= 1_000;
};
