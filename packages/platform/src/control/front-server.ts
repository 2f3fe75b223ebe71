import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { accounts } from '../store/accounts.ts';
import type { Database } from '../store/database.ts';
import { acceptHttpAndHttps, type OnePort } from '../wire/accept-http-and-https.ts';

const { createServer } = process.getBuiltinModule('node:http');

export interface FrontServerParts {
  readonly db: Database;
  /** Takes a request if it is git's. */
  readonly git: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Takes a request if it is for the dashboard's pages. */
  readonly dashboard: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Takes a request to speak WebSocket if it is for a dyno's terminal. */
  readonly terminal: {
    readonly asked: (request: IncomingMessage) => boolean;
    readonly open: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  };
  /** Gets all other requests. */
  readonly api: Server;
  readonly port: OnePort;
}

/** A push of a large repository over a slow line takes its time. */
const requestTimeoutMs = 30 * 60_000;

/** Everything that comes in on control's port: API, git, rendezvous, health. */
export const frontServer = ({ db, git, dashboard, terminal, api, port }: FrontServerParts): Server => {
  const limits = {
    maxHeaderSize: 32 * 1024,
    keepAliveTimeout: 95_000,
    headersTimeout: 60_000,
    requestTimeout: requestTimeoutMs,
    // All others that would rather speak something else are answered in HTTP.
    shouldUpgradeCallback: terminal.asked,
  };
  const server = createServer(limits, (request, response) => {
    if (request.url === '/health') void answerHealth(db, response);
    else if (!git(request, response) && !dashboard(request, response)) api.emit('request', request, response);
  });
  server.on('upgrade', terminal.open);
  acceptHttpAndHttps(server, port);
  return server;
};

/** Cuts what is still open. */
export const closeFrontServer = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

/** For `ravine status` and load balancers: 200 while the store answers, 503 otherwise. */
const answerHealth = async (db: Database, response: ServerResponse): Promise<void> => {
  const up = await accounts.any(db).catch(() => false);
  response.writeHead(up ? 200 : 503, { 'content-type': 'text/plain', ...(up ? {} : { 'retry-after': '2' }) });
  response.end(up ? 'ok\n' : 'the store is not there\n');
};
