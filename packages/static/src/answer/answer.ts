import { statSync } from 'node:fs';
import { chooseVariant } from './accept-encoding.ts';
import { readRange } from './byte-range.ts';
import { evaluateConditions, headerOf, type RequestHeaders, rangeStillValid } from './conditions.ts';
import type { StaticFile, Variant } from './static-file.ts';

/** What follows the headers: bytes, or a part of a file on disk (both ends included). */
export type Body = Uint8Array | { readonly path: string; readonly start: number; readonly end: number };

/** A whole answer, in no framework's terms. */
export interface Answer {
  readonly status: number;
  /** Name, value, name, value; names in small letters. */
  readonly headers: readonly string[];
  /** Undefined when no bytes follow, as for HEAD. */
  readonly body: Body | undefined;
}

export interface StaticRequest {
  readonly method: string;
  readonly headers: RequestHeaders;
}

/**
 * The answer to a request for this file; `replaced` when it would come from the disk and what was found there when the
 * file was scanned isn't there any more.
 */
export const answerWith = (file: StaticFile, { method, headers }: StaticRequest): Answer | 'replaced' => {
  if (method !== 'GET' && method !== 'HEAD') return refuseMethod(method);
  const variant = chooseVariant(file.variants, headerOf(headers, 'accept-encoding'));
  if (variant === undefined) return nothingAcceptable(method);
  if (!file.isInMemory && !isStillThere(variant)) return 'replaced';
  const status = evaluateConditions(headers, variant);
  if (status === 304) return { status, headers: variant.headersWithoutContent, body: undefined };
  if (status === 412) return { status, headers: [...variant.headersWithoutContent, ...empty], body: undefined };
  if (method === 'HEAD') return { status, headers: variant.headers, body: undefined };
  const range = headerOf(headers, 'range');
  if (range !== undefined && rangeStillValid(headers, variant)) return part(variant, range);
  return whole(variant);
};

const isStillThere = ({ bytes, path, size, mtimeMs }: Variant): boolean => {
  if (bytes !== undefined) return true;
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true && stats.size === size && stats.mtimeMs === mtimeMs;
};

/** Sends on to a path relative to the request's, keeping its query. */
export const redirectTo = (location: string, { method }: StaticRequest, target: string): Answer => {
  if (method !== 'GET' && method !== 'HEAD') return refuseMethod(method);
  const query = target.indexOf('?');
  const to = query === -1 ? location : location + target.slice(query);
  return { status: 302, headers: ['location', to, ...empty], body: undefined };
};

const empty = ['content-length', '0'];

const whole = (variant: Variant): Answer => ({ status: 200, headers: variant.headers, body: bodyOf(variant) });

const bodyOf = ({ bytes, path, size }: Variant): Body | undefined =>
  size === 0 ? undefined : (bytes ?? { path, start: 0, end: size - 1 });

const part = (variant: Variant, range: string): Answer => {
  const { size, bytes, path } = variant;
  const extent = readRange(range, size);
  if (extent.kind === 'whole') return whole(variant);
  if (extent.kind === 'unsatisfiable') {
    const headers = [...variant.headersOfRefusedPart, 'content-range', `bytes */${size}`, ...empty];
    return { status: 416, headers, body: undefined };
  }
  const { start, end } = extent;
  const length = ['content-length', String(end - start + 1), 'content-range', `bytes ${start}-${end}/${size}`];
  return {
    status: 206,
    headers: [...variant.headersOfPart, ...length],
    body: bytes === undefined ? { path, start, end } : bytes.subarray(start, end + 1),
  };
};

const sentence = (status: number, method: string, text: string, headers: readonly string[]): Answer => {
  const body = Buffer.from(text);
  return {
    status,
    headers: [...headers, 'content-type', 'text/plain; charset=utf-8', 'content-length', String(body.length)],
    body: method === 'HEAD' ? undefined : body,
  };
};

const refuseMethod = (method: string): Answer =>
  sentence(405, method, 'This is a file: it takes GET and HEAD.\n', ['allow', 'GET, HEAD']);

const nothingAcceptable = (method: string): Answer =>
  sentence(406, method, 'None of the codings that this file comes in is accepted by the request.\n', [
    'vary',
    'Accept-Encoding',
  ]);
