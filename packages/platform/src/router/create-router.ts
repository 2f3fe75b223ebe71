import { createServer, type IncomingMessage, type Server, ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { RouterLine } from '../domain/route-snapshot.ts';
import { Exchange, failed, type Verdict } from './exchange.ts';
import { finish } from './finish.ts';
import type { RouteTable } from './route-table.ts';
import { stagesOf } from './stages.ts';
import { defaultTimeouts, type Timeouts } from './timeouts.ts';

export interface RouterOptions {
  readonly table: RouteTable;
  /** Gets one line for each request of a known app. */
  readonly onLine: (line: RouterLine) => void;
  /** Gets what should never happen; the request is then answered with H99. */
  readonly onFault: (fault: unknown) => void;
  readonly timeouts?: Partial<Timeouts>;
}

/** The router of one process. */
export interface Router {
  /** Not yet listening. */
  readonly server: Server;
  /** Accepts nothing more, lets requests end, then ends tunnels; resolves when every connection is closed. */
  close(): Promise<void>;
}

/** Limits of the request's head. @see Dev Center "HTTP Routing", "Request buffering" */
const headLimits = { maxHeaderSize: 64 * 1024, headersTimeout: 30_000 };
const mostHeaders = 1_000;
/** An idle connection of a client is closed after this time. */
const clientIdleMs = 60_000;
const longestSweepMs = 500;

/** Whether an upgrade is tried at all: HTTP/2 is not, nor is one that comes with a body. */
const mayUpgrade = (request: IncomingMessage): boolean => {
  const { headers } = request;
  const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  return !hasBody && !/^h2c?$/i.test(headers.upgrade ?? '');
};

const statusOfClientError = (code: string | undefined): number => {
  if (code === 'HPE_HEADER_OVERFLOW') return 431;
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
};

const refuse = (socket: Socket, status: number): void => {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
};

export const createRouter = (options: RouterOptions): Router => {
  const { table, onLine, onFault } = options;
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const live = new Set<Exchange>();
  let closing = false;
  const follow = stagesOf(table, timeouts, () => closing);

  const endTunnelsIfLast = (): void => {
    const all = [...live];
    if (!closing || all.some((exchange) => exchange.status !== 101)) return;
    for (const exchange of all) exchange.interrupt?.({ kind: 'answered' });
  };

  const handle = async (exchange: Exchange, known?: Verdict): Promise<void> => {
    const { response } = exchange;
    live.add(exchange);
    response.on('close', () => {
      if (!response.writableFinished && exchange.status !== 101) exchange.clientLeft();
    });
    let verdict: Verdict;
    try {
      verdict = known ?? (await follow(exchange));
    } catch (fault) {
      onFault(fault);
      verdict = failed('H99');
    }
    live.delete(exchange);
    finish(exchange, verdict, closing, onLine);
    endTunnelsIfLast();
  };
  const begin = (exchange: Exchange, known?: Verdict): void => {
    handle(exchange, known).catch(onFault);
  };

  const server = createServer({
    ...headLimits,
    requestTimeout: 0,
    connectionsCheckingInterval: 5_000,
    keepAliveTimeout: clientIdleMs,
    shouldUpgradeCallback: mayUpgrade,
  });
  server.maxHeadersCount = mostHeaders;
  server.on('request', (request, response) => begin(new Exchange(request, response)));
  server.on('checkExpectation', (request, response) => {
    const exchange = new Exchange(request, response);
    exchange.app = table.findHost(exchange.host.toLowerCase().replace(/:\d*$/, ''))?.app;
    exchange.failureStatus = 417;
    begin(exchange, failed('H26', 'client', 'unsupported expect header value'));
  });
  server.on('upgrade', (request, stream, head) => {
    const socket = stream as Socket; // our server listens on TCP and TLS only, whose streams are sockets
    const response = new ServerResponse(request);
    response.assignSocket(socket);
    socket.on('error', () => socket.destroy());
    response.on('finish', () => {
      response.detachSocket(socket);
      socket.destroySoon();
    });
    begin(new Exchange(request, response, { socket, head }));
  });
  server.on('connect', (_request, stream) => refuse(stream as Socket, 405)); // as above
  server.on('clientError', (error: NodeJS.ErrnoException, stream) => {
    const socket = stream as Socket; // as above
    if (error.code === 'ECONNRESET') socket.destroy();
    else refuse(socket, statusOfClientError(error.code));
  });

  const sweepMs = Math.max(5, Math.min(longestSweepMs, ...Object.values(timeouts).map((ms) => ms / 4)));
  const sweeper = setInterval(() => {
    const nowMs = performance.now();
    for (const exchange of live) exchange.checkTime?.(nowMs);
  }, sweepMs);
  sweeper.unref();

  return {
    server,
    async close() {
      closing = true;
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      endTunnelsIfLast();
      await promise;
      clearInterval(sweeper);
    },
  };
};
