import { createHash } from 'node:crypto';
import type { FastifyReply } from 'fastify';
import { errorBody, PlatformError } from '../contract/platform-error.ts';
import { isStoreDown } from '../store/database.ts';
import type { JsonAnswer } from './answer.ts';

/** An answer as bytes; what a repeated POST gets again. */
export interface RenderedAnswer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

const noBody = new Set([204, 304]);

export const render = (answer: JsonAnswer): RenderedAnswer => ({
  status: answer.status,
  headers: { 'content-type': 'application/json;charset=utf-8', ...answer.headers },
  body: noBody.has(answer.status) ? Buffer.alloc(0) : Buffer.from(JSON.stringify(answer.body)),
});

/** Sends a rendered answer; a GET whose ETag the client already has becomes 304 (RFC 9110 section 13.1.2). */
export const send = (reply: FastifyReply, answer: RenderedAnswer): FastifyReply => {
  const { request } = reply;
  if (request.method === 'GET' && answer.status < 300) {
    const etag = `"${createHash('sha1').update(answer.body).digest('hex')}"`;
    reply.header('etag', etag);
    if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send();
  }
  return reply.code(answer.status).headers(answer.headers).send(answer.body);
};

const matches = (header: string | undefined, etag: string): boolean =>
  (header ?? '').split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);

/** Every error as one of the catalogue; what isn't known is a 500 that tells nothing. */
export const toPlatformError = (error: unknown): PlatformError => {
  if (error instanceof PlatformError) return error;
  if (isStoreDown(error)) {
    return new PlatformError('service_unavailable', 'The store is not reachable right now. Try again in a moment.', {
      retryAfterSeconds: 2,
      cause: error,
    });
  }
  return fromFastify(error) ?? new PlatformError('internal_server_error', faultText, { cause: error });
};

const faultText = "Something went wrong in Ravine itself; its log has the cause under this answer's Request-Id.";

const fromFastify = (error: unknown): PlatformError | undefined => {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number') return undefined;
  if (error.statusCode === 413) {
    return new PlatformError('request_too_large', 'The body of the request is larger than this endpoint takes.');
  }
  return error.statusCode < 500 ? new PlatformError('bad_request', error.message) : undefined;
};

export const renderError = (error: PlatformError): RenderedAnswer => {
  const seconds = error.details.retryAfterSeconds;
  return render({
    kind: 'json',
    status: error.status,
    body: errorBody(error),
    ...(seconds === undefined ? {} : { headers: { 'retry-after': String(seconds) } }),
  });
};
