import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { checksumHeader } from '../checksums/checksum.ts';
import { type ByteRange, parseRange } from '../http/byte-range.ts';
import { assertCurrentVersion, type ObjectCall, quoted } from '../http/call.ts';
import { failedPrecondition } from '../http/preconditions.ts';
import { invalidArgument, S3Error } from '../s3-error.ts';
import type { AccountStore } from '../store/account-store.ts';
import type { BlobFiles, Piece } from '../store/blob-files.ts';
import { expiryOf } from '../store/expiry.ts';
import { blobsOf, objects } from '../store/object-rows.ts';
import { readPieces } from '../store/read-pieces.ts';
import type { ObjectRecord } from '../store/records.ts';

/** Answers with these in place of the object's own, for signed requests. */
const overrides = [
  'content-type',
  'content-language',
  'expires',
  'cache-control',
  'content-disposition',
  'content-encoding',
];

/** What visitors' browsers and caches between may keep, of public objects that say nothing themselves. */
const publicCacheControl = 'public, max-age=60';

/** @throws S3Error NoSuchKey, NoSuchVersion */
export const findObject = ({ store, bucket, key, target }: ObjectCall): ObjectRecord => {
  assertCurrentVersion(target.query.get('versionId'));
  const object = objects.get(store.db, bucket.name, key);
  if (object === undefined) throw new S3Error('NoSuchKey', undefined, { Key: key });
  return object;
};

/** GetObject and HeadObject. */
export const sendObject = async (call: ObjectCall): Promise<void> => {
  const { request, response, store } = call;
  const object = findObject(call);
  setHeaders(call, object);
  const { headers } = request;
  const failed = failedPrecondition(
    {
      ifMatch: headers['if-match'],
      ifNoneMatch: headers['if-none-match'],
      ifModifiedSince: headers['if-modified-since'],
      ifUnmodifiedSince: headers['if-unmodified-since'],
    },
    object,
  );
  if (failed !== undefined) throw new S3Error(failed);
  const range = rangeOf(call, object);
  const { from, to } = range ?? { from: 0, to: object.size - 1 };
  if (range !== undefined) response.setHeader('Content-Range', `bytes ${from}-${to}/${object.size}`);
  response.setHeader('Content-Length', to - from + 1);
  const status = range === undefined ? 200 : 206;
  if (request.method === 'HEAD' || to < from) {
    response.writeHead(status).end();
    return;
  }
  await sendBytes(response, status, store, object, { from, to });
};

const rangeOf = ({ request, target }: ObjectCall, object: ObjectRecord): ByteRange | undefined => {
  const part = target.query.get('partNumber');
  // If-Range: a range only of what the client has begun to fetch.
  const ifRange = request.headers['if-range'];
  if (part === undefined)
    return ifRange === undefined || String(ifRange) === quoted(object.etag)
      ? parseRange(request.headers.range, object.size)
      : undefined;
  const number = Number(part);
  if (!/^\d{1,5}$/.test(part) || number < 1) throw invalidArgument('partNumber', part, 'a number from 1 to 10000');
  const sizes = object.about.partSizes ?? [object.size];
  const size = sizes[number - 1];
  if (size === undefined)
    throw new S3Error('InvalidRange', `partNumber: the object has ${sizes.length} parts; got ${part}.`);
  const from = sizes.slice(0, number - 1).reduce((sum, one) => sum + one, 0);
  return size === 0 ? undefined : { from, to: from + size - 1 };
};

const setHeaders = (call: ObjectCall, object: ObjectRecord): void => {
  const { response, target, request, sender, bucket } = call;
  const { about, etag, modifiedMs } = object;
  const given: Record<string, string> = { 'content-type': about.contentType, ...about.headers };
  if (sender === undefined && target.byMediaDomain) given['cache-control'] ??= publicCacheControl;
  for (const name of overrides) {
    const value = target.query.get(`response-${name}`);
    if (value === undefined) continue;
    if (sender === undefined)
      throw new S3Error(
        'InvalidRequest',
        'Request specific response headers cannot be used for anonymous GET requests.',
      );
    given[name] = value;
  }
  for (const [name, value] of Object.entries(given)) setText(response, name, value);
  for (const [name, value] of Object.entries(about.metadata)) setText(response, `x-amz-meta-${name}`, value);
  response.setHeader('ETag', quoted(etag));
  response.setHeader('Last-Modified', new Date(modifiedMs).toUTCString());
  response.setHeader('Accept-Ranges', 'bytes');
  const tags = Object.keys(about.tags).length;
  if (tags > 0) response.setHeader('x-amz-tagging-count', tags);
  if (about.partSizes !== undefined && target.query.has('partNumber'))
    response.setHeader('x-amz-mp-parts-count', about.partSizes.length);
  const whole = request.headers.range === undefined && !target.query.has('partNumber');
  if (about.checksum !== undefined && whole && request.headers['x-amz-checksum-mode'] === 'ENABLED') {
    response.setHeader(checksumHeader(about.checksum.algorithm), about.checksum.value);
    response.setHeader('x-amz-checksum-type', about.checksum.type);
  }
  const expiry = bucket.lifecycle && expiryOf(bucket.lifecycle, object);
  if (expiry)
    response.setHeader(
      'x-amz-expiration',
      `expiry-date="${new Date(expiry.atMs).toUTCString()}", rule-id="${encodeURIComponent(expiry.rule.id)}"`,
    );
};

/** Values came as bytes and go as bytes; what no header can carry is left out. */
const setText = (response: ServerResponse, name: string, value: string): void => {
  response.setHeader(name, value.replace(/[^\t\x20-\x7e\x80-\xff]/g, ''));
};

const sendBytes = async (
  response: ServerResponse,
  status: number,
  store: AccountStore,
  object: ObjectRecord,
  range: ByteRange,
): Promise<void> => {
  const unpin = store.files.pin(blobsOf(object.pieces));
  try {
    const [first, ...more] = object.pieces;
    const small = more.length === 0 && first !== undefined ? await store.files.small(first) : undefined;
    if (small !== undefined) {
      response.writeHead(status).end(small.subarray(range.from, range.to + 1));
      return;
    }
    await sendPieces(response, status, store.files, object.pieces, range);
    response.end();
  } finally {
    unpin();
  }
};

const sendPieces = async (
  response: ServerResponse,
  status: number,
  files: BlobFiles,
  pieces: readonly Piece[],
  range: ByteRange,
): Promise<void> => {
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  let memory: Buffer | undefined;
  const lend = (bytes: number): Buffer => {
    memory = files.memory.take();
    return memory.subarray(0, bytes);
  };
  for await (const bytes of readPieces(files, pieces, range, lend)) {
    if (!response.headersSent) response.writeHead(status);
    if (response.destroyed) return;
    const lent = memory;
    const sent = (error?: Error | null): void => {
      if (!error && lent !== undefined) files.memory.give(lent);
    };
    if (!response.write(bytes, sent)) await once(response, 'drain', { signal: gone.signal }).catch(() => undefined);
  }
};
