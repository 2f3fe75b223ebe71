import { randomBytes } from 'node:crypto';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import { authenticate } from './auth/authenticate.ts';
import { sendError } from './http/answer.ts';
import type { BucketCall, Call } from './http/call.ts';
import { parseTarget, type RequestTarget } from './http/request-target.ts';
import { allowOrigin, preflight } from './operations/cors.ts';
import { isOwner, mayList, mayRead, mayWrite } from './operations/may.ts';
import type { Operation } from './operations/operation.ts';
import { findOperation } from './operations/operations.ts';
import { asS3Error, S3Error } from './s3-error.ts';
import type { Accounts } from './store/accounts.ts';
import { buckets } from './store/bucket-rows.ts';
import { objects } from './store/object-rows.ts';

const { createServer } = process.getBuiltinModule('node:http');

/** A client that neither sends nor takes a byte for so long is let go. */
const idleMs = 60_000;
const headMs = 30_000;
const keepAliveMs = 75_000;
const mostHeadBytes = 32 * 1024;
/** Of a body that nobody wants; what is longer costs the connection. */
const mostIgnoredBytes = 1024 * 1024;

export interface S3Options {
  readonly accounts: Accounts;
  /** `media.example.com`: its buckets are `BUCKET.media.example.com`, too. */
  readonly mediaDomain: string | undefined;
  readonly onFault: (error: unknown) => void;
}

/** The store over HTTP, to be told where to listen. */
export const serveS3 = (options: S3Options): Server => {
  const listener =
    (expectsContinue: boolean): RequestListener =>
    (request, response) =>
      void answer(options, request, response, expectsContinue);
  const server = createServer(
    {
      keepAliveTimeout: keepAliveMs,
      headersTimeout: headMs,
      requestTimeout: 0,
      maxHeaderSize: mostHeadBytes,
      noDelay: true,
    },
    listener(false),
  );
  server.timeout = idleMs;
  return server.on('checkContinue', listener(true));
};

/** identify the sender -> find the bucket -> find the operation -> may they? -> do it */
const answer = async (
  options: S3Options,
  request: IncomingMessage,
  response: ServerResponse,
  expectsContinue: boolean,
): Promise<void> => {
  response.setHeader('x-amz-request-id', randomBytes(8).toString('hex').toUpperCase());
  response.setHeader('Server', 'Ravine');
  let waits = expectsContinue;
  const goOn = () => {
    if (waits) response.writeContinue();
    waits = false;
  };
  try {
    const target = parseTarget(request.url ?? '/', request.headers.host ?? '', options.mediaDomain);
    if (target.path.includes('\0')) throw new S3Error('InvalidURI');
    await perform(options, request, response, target, goOn);
  } catch (error) {
    // Its sender has gone, and the error is about that.
    if (response.destroyed || (request.destroyed && !request.complete)) return void response.destroy();
    const known = asS3Error(error);
    if (known.code === 'InternalError') options.onFault(known.cause);
    letGoOfBody(request, response, waits);
    sendError(response, known, request.url?.split('?')[0] ?? '/', request.method === 'HEAD');
  }
};

/** The rest of a small body is read over, so that the connection stays; that of a large one is not. */
const letGoOfBody = (request: IncomingMessage, response: ServerResponse, waits: boolean): void => {
  if (request.complete || response.headersSent) return;
  const length = Number(request.headers['content-length'] ?? Number.POSITIVE_INFINITY);
  const hasBody = request.headers['content-length'] !== undefined || request.headers['transfer-encoding'] !== undefined;
  if (hasBody && (waits || length > mostIgnoredBytes)) response.setHeader('Connection', 'close');
};

const perform = async (
  { accounts }: S3Options,
  request: IncomingMessage,
  response: ServerResponse,
  target: RequestTarget,
  goOn: () => void,
): Promise<void> => {
  const method = request.method ?? '';
  const named = target.bucket === undefined ? undefined : accounts.byBucket(target.bucket);
  const bucket = named && target.bucket !== undefined ? buckets.byName(named.db, target.bucket) : undefined;
  if (method === 'OPTIONS') {
    if (bucket === undefined) throw new S3Error('NoSuchBucket');
    return preflight(request, response, bucket);
  }
  if (bucket !== undefined && request.headers.origin !== undefined) allowOrigin(request, response, bucket);
  const { accessKeyId, payload } = authenticate(
    { method, headers: request.headers, target },
    (id) => accounts.byKey(id)?.account.secretKey,
    Date.now(),
  );
  const sender = accessKeyId === undefined ? undefined : accounts.byKey(accessKeyId);
  const operation = findOperation({
    method,
    bucket: target.bucket,
    key: target.key,
    hasQuery: (name) => target.query.has(name),
    queryNames: target.query.entries.map(([name]) => name),
    hasHeader: (name) => request.headers[name] !== undefined,
  });
  const call: Call = { request, response, target, sender, payload, accounts, continue: goOn };
  if (operation.on === 'service' || operation.on === 'bucket name') return operation.run(call);
  if (named === undefined || bucket === undefined)
    throw new S3Error('NoSuchBucket', undefined, { BucketName: target.bucket ?? '' });
  await runOnBucket(operation, { ...call, store: named, bucket });
};

const runOnBucket = async (
  operation: Exclude<Operation, { on: 'service' | 'bucket name' }>,
  call: BucketCall,
): Promise<void> => {
  const { store, bucket, target } = call;
  const key = target.key ?? '';
  const allowed = {
    form: () => true,
    owner: () => isOwner(call, store),
    list: () => mayList(call, store, bucket),
    write: () => mayWrite(call, store, bucket),
    read: () => mayRead(call, store, bucket, objects.get(store.db, bucket.name, key), key),
  }[operation.access];
  if (!allowed()) throw new S3Error('AccessDenied');
  await (operation.on === 'object' ? operation.run({ ...call, key }) : operation.run(call));
};
