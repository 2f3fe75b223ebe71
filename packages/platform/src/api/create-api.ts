import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import { type FastifyInstance, type FastifyServerOptions, fastify } from 'fastify';
import { PlatformError } from '../contract/platform-error.ts';
import type { ApiOptions, ApiSettings } from './api-options.ts';
import { baseOf } from './base-url.ts';
import type { Endpoint } from './endpoint.ts';
import { endpoints } from './endpoints.ts';
import { InFlight } from './in-flight.ts';
import { defaultLoginLimits, Logins } from './logins.ts';
import { PostReplays } from './post-replays.ts';
import { SecondFactors } from './second-factors.ts';
import { renderError, send, toPlatformError } from './send-answer.ts';
import { type Gate, serveEndpoint } from './serve-endpoint.ts';
import type { Services } from './services.ts';
import { TokenBuckets } from './token-buckets.ts';

const { createServer } = process.getBuiltinModule('node:http');

/** For answers that are being made when the API closes. */
const closeGraceMs = 5_000;
const maxJsonBytes = 1024 * 1024;
const maxHeaderBytes = 32 * 1024;

/**
 * The Platform API. The server does not listen: hand it sockets by `api.server.emit('connection', socket)`,
 * and end it by `api.close()`.
 */
export const createApi = async (services: Services, options: ApiOptions): Promise<FastifyInstance> => {
  const settings: ApiSettings = {
    requestsPerHour: 4500,
    loginLimits: defaultLoginLimits,
    region: 'local',
    maxUploadBytes: 2 * 1024 ** 3,
    provisionWaitMs: 20_000,
    hasContainerEngine: () => false,
    ...options,
  };
  const serverOptions: FastifyServerOptions<Server> = {
    logger: false,
    bodyLimit: maxJsonBytes,
    genReqId: () => randomUUID(),
    exposeHeadRoutes: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 500 },
    schemaController: { compilersFactory: { buildValidator: noSchema, buildSerializer: noSchema } },
    serverFactory: (handler) => socketlessServer(handler),
  };
  const api = fastify(serverOptions);
  const inFlight = new InFlight();
  const gate: Gate = {
    db: services.db,
    limits: new TokenBuckets(settings.requestsPerHour, settings.requestsPerHour, services.now),
    replays: new PostReplays(services.db, services.keyring, services.now),
    baseOf: (request) => baseOf(request, services.urls.api),
    onFault: settings.onFault,
    inFlight,
  };
  const logins = new Logins(
    services.db,
    services.now,
    settings.loginLimits,
    new SecondFactors(services.db, services.keyring, services.now),
  );
  const all = endpoints(services, settings, { logins, limits: gate.limits });

  api.addHook('onRequest', async (request, reply) => {
    reply.headers({
      'request-id': request.id,
      'cache-control': 'private, no-cache',
      'x-content-type-options': 'nosniff',
    });
  });
  api.setErrorHandler((error, request, reply) => {
    const known = toPlatformError(error);
    if (known.status === 500) settings.onFault(error, request.id);
    return send(reply, renderError(known));
  });
  api.setNotFoundHandler((_request, reply) => send(reply, renderError(unknownEndpoint())));
  addRoutes(
    api,
    all.filter((endpoint) => endpoint.body !== 'stream'),
    gate,
    'buffer',
  );
  await api.register(async (scope) =>
    addRoutes(
      scope,
      all.filter((endpoint) => endpoint.body === 'stream'),
      gate,
      'stream',
    ),
  );
  api.addHook('onClose', () => inFlight.closeServer(api.server, closeGraceMs));
  await api.ready();
  return api;
};

const addRoutes = (api: FastifyInstance, all: readonly Endpoint[], gate: Gate, body: 'buffer' | 'stream'): void => {
  api.removeAllContentTypeParsers();
  if (body === 'buffer')
    api.addContentTypeParser('*', { parseAs: 'buffer' }, async (_request: unknown, raw: Buffer) => raw);
  else api.addContentTypeParser('*', async () => undefined);
  for (const endpoint of all) {
    api.route({
      method: endpoint.method,
      url: endpoint.path,
      handler: (request, reply) => serveEndpoint(endpoint, gate, request, reply),
    });
  }
};

/** A server for sockets that others accept; the event makes Node watch over header and request timeouts all the same. */
const socketlessServer = (handler: (request: IncomingMessage, response: never) => void): Server => {
  const server = createServer(
    { maxHeaderSize: maxHeaderBytes, keepAliveTimeout: 95_000, headersTimeout: 60_000, requestTimeout: 30 * 60_000 },
    (request, response) => handler(request, response as never), // the factory's type does not know which server it makes
  );
  server.emit('listening');
  return server;
};

/** Bodies are read by the handlers; fastify's schema compilers would only cost start-up time and memory. */
const noSchema = (): never => {
  throw new Error('no route of this API has a schema');
};

const unknownEndpoint = (): PlatformError =>
  new PlatformError(
    'not_found',
    'There is no such API endpoint. Check the path and the HTTP verb (GET or POST?), and that the Accept header asks for version 3.',
  );
