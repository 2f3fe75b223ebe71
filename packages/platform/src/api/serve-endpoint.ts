import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { checkAccept } from '../contract/accept.ts';
import { badRequest, PlatformError } from '../contract/platform-error.ts';
import { actAs } from '../store/acting.ts';
import type { Database } from '../store/database.ts';
import type { Answer } from './answer.ts';
import { authenticate, credentials, type Identity } from './authenticate.ts';
import { authorizeApp } from './authorize-app.ts';
import type { Call, Endpoint } from './endpoint.ts';
import type { InFlight } from './in-flight.ts';
import type { PostReplays } from './post-replays.ts';
import { type RenderedAnswer, render, renderError, send, toPlatformError } from './send-answer.ts';
import type { TokenBuckets } from './token-buckets.ts';
import { who } from './who-acts.ts';

/** What every request passes through. */
export interface Gate {
  readonly db: Database;
  readonly limits: TokenBuckets;
  readonly replays: PostReplays;
  /** See {@link Call.base}. */
  readonly baseOf: (request: IncomingMessage) => string;
  /** Told of every fault that was answered with 500. */
  readonly onFault: (error: unknown, requestId: string) => void;
  readonly inFlight: InFlight;
}

/**
 * Answers one request: check version, identify, count, read, authorize, handle.
 * From reading on a POST runs once, however often the client sends it.
 */
export const serveEndpoint = async (
  endpoint: Endpoint,
  gate: Gate,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply | undefined> => {
  gate.inFlight.enter(reply.raw);
  try {
    checkAccept(request.headers.accept);
    const identity = endpoint.access === 'anyone' ? undefined : await identify(gate, request, reply);
    const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    if (endpoint.method === 'POST' && endpoint.body === 'json') {
      return await answerPost(endpoint, gate, request, reply, raw, identity);
    }
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const call = readCall(endpoint, gate, request, raw, null, gone.signal);
    const answer = await handle(endpoint, gate, call, identity);
    if (answer.kind === 'json') return send(reply, render(answer));
    gate.inFlight.leave(reply.raw);
    await write(answer, request, reply);
    return undefined;
  } catch (error) {
    if (reply.raw.headersSent) {
      reply.raw.destroy();
      return undefined;
    }
    return send(reply, refuse(gate, request, error));
  }
};

const answerPost = async (
  endpoint: Endpoint,
  gate: Gate,
  request: FastifyRequest,
  reply: FastifyReply,
  raw: Buffer,
  identity: Identity | undefined,
): Promise<FastifyReply> => {
  const ownTime = new AbortController().signal; // a client that went may come back for the answer
  const post = {
    path: request.url,
    authorization: credentials(request.headers),
    requestId: headerText(request.headers['request-id']),
    body: raw,
    socket: request.raw.socket,
    secondFactor: headerText(request.headers['heroku-two-factor-code']),
    secret: endpoint.secret,
  };
  const { answer, delivered } = await gate.replays.answer(post, async (requestKey) => {
    try {
      const made = await handle(endpoint, gate, readCall(endpoint, gate, request, raw, requestKey, ownTime), identity);
      if (made.kind === 'json') return render(made);
      throw new Error(`${endpoint.path}: a POST must answer JSON`);
    } catch (error) {
      return refuse(gate, request, error);
    }
  });
  whenDelivered(reply.raw, delivered);
  return send(reply, answer);
};

const identify = async (gate: Gate, request: FastifyRequest, reply: FastifyReply): Promise<Identity> => {
  const identity = await authenticate(gate.db, request.headers);
  const take = gate.limits.take(identity.account.id);
  reply.header('ratelimit-remaining', String(take.remaining));
  if (take.granted) return identity;
  throw new PlatformError('rate_limit', 'Your account reached the API rate limit. Wait before making new requests.', {
    retryAfterSeconds: take.retryAfterSeconds,
  });
};

/** Reads change nothing, so the store need not know for whom they are. */
const handle = (endpoint: Endpoint, gate: Gate, call: Call, identity: Identity | undefined): Promise<Answer> =>
  endpoint.method === 'GET'
    ? authorized(endpoint, gate, call, identity)
    : actAs(who(call.headers, identity), () => authorized(endpoint, gate, call, identity));

const authorized = async (
  endpoint: Endpoint,
  gate: Gate,
  call: Call,
  identity: Identity | undefined,
): Promise<Answer> => {
  if (endpoint.access === 'anyone') return endpoint.handle(call);
  if (identity === undefined) throw new Error(`${endpoint.path}: reached without an identity`);
  if (endpoint.access === 'account') return endpoint.handle({ ...call, ...identity });
  const app = await authorizeApp(gate.db, identity.account, call.params.app ?? '', endpoint.ability);
  return endpoint.handle({ ...call, ...identity, app });
};

const readCall = (
  endpoint: Endpoint,
  gate: Gate,
  request: FastifyRequest,
  raw: Buffer,
  requestKey: string | null,
  signal: AbortSignal,
): Call => ({
  params: request.params as Record<string, string>, // the router gives strings only
  query: request.query as Record<string, unknown>, // node:querystring gives an object
  body: readBody(endpoint, raw),
  headers: request.headers,
  requestKey,
  base: gate.baseOf(request.raw),
  request: request.raw,
  signal,
});

const readBody = (endpoint: Endpoint, raw: Buffer): unknown => {
  if (raw.length === 0 || endpoint.body === 'stream') return undefined;
  const text = raw.toString('utf8');
  if (endpoint.body === 'form') return Object.fromEntries(new URLSearchParams(text));
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest('The body of the request is not valid JSON. Send JSON with Content-Type: application/json.');
  }
};

const refuse = (gate: Gate, request: FastifyRequest, error: unknown): RenderedAnswer => {
  const known = toPlatformError(error);
  if (known.status === 500) gate.onFault(error, request.id);
  return renderError(known);
};

const headerText = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value.join(',') : value;

const write = async (
  answer: Answer & { kind: 'written' },
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> => {
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    if (value !== undefined) reply.raw.setHeader(name, value);
  }
  await answer.write(request.raw, reply.raw);
};

/** Calls back when the whole answer went to a connection that was still there. */
const whenDelivered = (response: ServerResponse, delivered: () => Promise<void>): void => {
  let closed = false;
  response.once('close', () => {
    closed = true;
  });
  response.once('finish', () => {
    if (!closed && !response.destroyed) delivered().catch(() => {}); // then it is forgotten by its age
  });
};
