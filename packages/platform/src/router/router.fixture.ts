import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, createServer, type IncomingHttpHeaders, type RequestListener, request, type Server } from 'node:http';
import { connect, type Server as NetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { openAuthority } from '../certs/authority.ts';
import type { AppId, DynoId } from '../domain/ids.ts';
import type { RoutedApp, RoutedDyno, RouteSnapshot } from '../domain/route-snapshot.ts';
import { PemCertificates } from '../wire/pem-certificates.ts';
import { createRouter } from './create-router.ts';
import type { LoadLimits } from './limit-load.ts';
import { RouteTable } from './route-table.ts';
import type { Timeouts } from './timeouts.ts';

export const appId = 'app-1' as AppId; // a fixed name reads better in tests than a UUID

export const listen = async (server: NetServer, port = 0): Promise<number> => {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address && typeof address === 'object');
  return address.port;
};

export const close = async (server: Server | NetServer): Promise<void> => {
  if ('closeAllConnections' in server) server.closeAllConnections();
  if (!server.listening) return;
  server.close();
  await once(server, 'close');
};

export const routedDyno = (port: number, name = 'web.1'): RoutedDyno => ({
  id: `dyno-${name}-${port}` as DynoId, // as above
  name,
  host: '127.0.0.1',
  port,
});

let version = 0;

export const snapshotOf = (dynos: readonly RoutedDyno[], app: Partial<RoutedApp> = {}): RouteSnapshot => {
  version++;
  return {
    version,
    apps: { [appId]: { id: appId, name: 'shop', state: 'up', maintenance: false, dynos, ...app } },
    hosts: { 'shop.test': appId },
    certificates: {},
  };
};

export interface RouterSettings {
  readonly timeouts?: Partial<Timeouts>;
  readonly limits?: Partial<LoadLimits>;
  /** Serve https on the same port, with a certificate for these names; `ca` is what to trust. */
  readonly tlsFor?: readonly string[];
}

/** A router on a port of its own, with what it logs. */
export const startRouter = async (
  routes: RouteSnapshot | readonly RoutedDyno[],
  { tlsFor = [], ...settings }: RouterSettings = {},
) => {
  const folder = await mkdtemp(join(tmpdir(), 'ravine-router-'));
  const authority = tlsFor.length > 0 ? await openAuthority(folder) : undefined;
  const certificateFile = await authority?.certificateFor(tlsFor);
  const ca = authority ? await readFile(authority.caFile) : undefined;
  const table = new RouteTable();
  table.apply('version' in routes ? routes : snapshotOf(routes));
  const lines: string[] = [];
  const refused: string[] = [];
  const waiting = new Set<() => void>();
  const faults: unknown[] = [];
  const router = createRouter({
    table,
    onLine: ({ text }) => {
      lines.push(text);
      for (const look of waiting) look();
    },
    onFault: (fault) => faults.push(fault),
    onRefused: (text) => refused.push(text),
    certificates: new PemCertificates((host) => table.certificateFile(host) ?? certificateFile),
    ...settings,
  });
  const { port } = await router.listen({ host: '127.0.0.1', port: 0 });
  /** Resolves with the lines once there are `count` of them. */
  const logged = (count: number): Promise<readonly string[]> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (lines.length < count) return;
        waiting.delete(look);
        resolve(lines);
      };
      waiting.add(look);
      look();
    });
  const end = async (): Promise<void> => {
    router.destroy();
    await router.close();
    table.apply({ version: 0, apps: {}, hosts: {}, certificates: {} });
    await rm(folder, { recursive: true });
    assert.deepEqual(faults, []);
  };
  return {
    table,
    router,
    port,
    /** Trusts the certificate of `tlsFor`. */
    ca,
    /** All access and error lines so far. */
    lines: lines as readonly string[],
    logged,
    /** Resolves with the sentence of this number, counted from 1, on requests that belong to no app. */
    async said(number: number): Promise<string> {
      while (refused.length < number) await nextTurn();
      return refused[number - 1] ?? '';
    },
    /** Resolves once so many requests are under way. */
    async underWay(count: number): Promise<void> {
      while (router.inFlight < count) await nextTurn();
    },
    /** Ends it at once; fails if there was a fault. */
    close: end,
    [Symbol.asyncDispose]: end,
  };
};

/** A dyno: a plain HTTP server. */
export const startDyno = async (listener: RequestListener, name = 'web.1') => {
  const server = createServer(listener);
  server.keepAliveTimeout = 60_000;
  const port = await listen(server);
  return { server, dyno: routedDyno(port, name), [Symbol.asyncDispose]: () => close(server) };
};

/** A dyno that answers with so many bytes, as fast as they are taken. */
export const startPouringDyno = async (total: number) => {
  let written = 0;
  const pouring = await startDyno((_incoming, response) => {
    const chunk = Buffer.alloc(64 * 1024);
    const more = (): void => {
      while (written < total) {
        written += chunk.length;
        if (!response.write(chunk)) return;
      }
      response.end();
    };
    response.on('drain', more);
    more();
  });
  return {
    ...pouring,
    /** Resolves with what was written, once nothing more of it is taken. */
    async stopped(): Promise<number> {
      for (let before = -1; before !== written; ) {
        before = written;
        await delay(100);
      }
      return written;
    },
  };
};

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Ask {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly host?: string;
  readonly body?: string;
  readonly agent?: Agent;
  readonly signal?: AbortSignal;
}

/** Sends one request to the router and waits for its whole answer. */
export const ask = (port: number, what: Ask = {}): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { path = '/', method = 'GET', headers = {}, host = 'shop.test', body, agent, signal } = what;
    const sent = request(
      {
        host: '127.0.0.1',
        port,
        path,
        method,
        headers: { host, ...headers },
        agent: agent ?? new Agent(),
        ...(signal ? { signal } : {}),
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });

/** Writes bytes to a port and reads until the other side ends. */
export const exchangeBytes = async (port: number, bytes: string): Promise<string> => {
  const socket = connect(port, '127.0.0.1');
  socket.write(bytes, 'latin1');
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return text;
};
