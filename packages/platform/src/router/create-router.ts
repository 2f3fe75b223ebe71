import type { RouterLine } from '../domain/route-snapshot.ts';
import type { PemCertificates } from '../wire/pem-certificates.ts';
import { acceptConnections, type Listener, portOf } from './accept-connections.ts';
import { FrontDesk } from './front-desk.ts';
import { SessionConnection } from './http2/session-connection.ts';
import { defaultLoadLimits, type LoadLimits } from './limit-load.ts';
import type { RouteTable } from './route-table.ts';
import { defaultTimeouts, type Timeouts } from './timeouts.ts';
import { TicketKeys } from './tls/ticket-keys.ts';
import { TlsDoor } from './tls/tls-door.ts';

export interface RouterOptions {
  readonly table: RouteTable;
  /** Gets one line for each request of a known app. */
  readonly onLine: (line: RouterLine) => void;
  /** Gets what should never happen; the request is then answered with H99. */
  readonly onFault: (fault: unknown) => void;
  /** Gets a sentence, once a minute at most, on requests that were refused and are in no app's log. */
  readonly onRefused?: (text: string) => void;
  readonly timeouts?: Partial<Timeouts>;
  readonly limits?: Partial<LoadLimits>;
  /** Without it TLS connections are closed. */
  readonly certificates?: PemCertificates;
  /** Where workers share the keys of TLS session tickets; each has its own without it. */
  readonly ticketKeyFile?: string;
}

/** The router of one process. */
export interface Router {
  /** Requests and tunnels under way. */
  readonly inFlight: number;
  /** May be called once for each socket; http and https are told apart by the first byte of each connection. */
  listen(listener: Listener): Promise<{ readonly port: number }>;
  /**
   * Accepts nothing more, lets requests end, then ends tunnels. A kept connection that is idle may send a request for
   * a second, which is answered, and is told to close. Resolves when every connection is closed.
   */
  close(): Promise<void>;
  /** Ends everything at once; requests under way are logged as H24. */
  destroy(): void;
}

export const createRouter = (options: RouterOptions): Router => {
  const { table, onLine, onFault, certificates, ticketKeyFile } = options;
  const desk = new FrontDesk({
    table,
    timeouts: { ...defaultTimeouts, ...options.timeouts },
    limits: { ...defaultLoadLimits, ...options.limits },
    onLine,
    onFault,
    onRefused: options.onRefused ?? (() => undefined),
    startTls: (socket, first) => (door ? door.accept(socket, first) : socket.destroy()),
  });
  const door =
    certificates &&
    new TlsDoor({
      table,
      certificates,
      protocols: ['h2', 'http/1.1'],
      onSecure: (socket) => {
        if (socket.alpnProtocol === 'h2') desk.admit(new SessionConnection(desk, socket));
        else desk.accept(socket, socket.localPort ?? 0);
      },
    });
  const servers: Awaited<ReturnType<typeof acceptConnections>>[] = [];
  let tickets: TicketKeys | undefined;

  return {
    get inFlight() {
      return desk.inFlight;
    },
    async listen(listener) {
      if (door && ticketKeyFile !== undefined) {
        tickets ??= await TicketKeys.open(ticketKeyFile, (keys) => door.setTicketKeys(keys), onFault);
      }
      let port = 0;
      const server = await acceptConnections(listener, (source) => desk.accept(source, port));
      servers.push(server);
      port = portOf(server);
      return { port };
    },
    async close() {
      for (const server of servers) server.close();
      tickets?.close();
      await desk.close();
    },
    destroy() {
      for (const server of servers) server.close();
      desk.destroyAll();
    },
  };
};
