import type { Contender } from './contender.ts';
import { loadHttp2 } from './h2load.ts';
import type { Load } from './measure.ts';
import { hostsOf, type Site } from './site.ts';
import { loadWebSocket } from './websocket.ts';
import { type WrkRequest, wrk } from './wrk.ts';

/** One kind of traffic that proxies are compared by. */
export interface Workload {
  readonly name: string;
  readonly what: string;
  load(site: Site, contender: Contender, seconds: number): Promise<Load>;
  /** How many apps the proxies know; 1 when absent. */
  readonly routes?: number;
  /** Against HAProxy, Caddy and http-proxy too. */
  readonly all?: boolean;
  readonly http2?: boolean;
  /** What nginx's cost divided by ours must reach; without it the figures are only shown. */
  readonly goal?: number;
}

const browserHeaders = {
  'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36',
  Accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8',
  'Accept-Encoding': 'gzip, deflate, br, zstd',
  'Accept-Language': 'en-GB,en;q=0.9,de;q=0.8',
  'Cache-Control': 'max-age=0',
  Connection: 'keep-alive',
  Cookie: `session=${'s'.repeat(96)}; theme=dark; consent=necessary`,
  DNT: '1',
  Referer: 'http://localhost/books?category=history&page=2',
  'Sec-CH-UA': '"Not/A)Brand";v="8", "Chromium";v="126"',
  'Sec-Fetch-Dest': 'document',
  'Sec-Fetch-Mode': 'navigate',
  'Sec-Fetch-Site': 'same-origin',
  'Sec-Fetch-User': '?1',
  'Upgrade-Insecure-Requests': '1',
};

const connections = 64;
const visitedHosts = 100;

const get: WrkRequest = { path: '/' };
const post: WrkRequest = { path: '/post', method: 'POST', bodyBytes: 16 * 1024 };
const newConnection: WrkRequest = { path: '/', headers: { Connection: 'close' } };

const plain =
  (request: WrkRequest): Workload['load'] =>
  (site, { httpPort: port }, seconds) =>
    wrk(site, { port, tls: false }, { connections, seconds, request });

const overTls =
  (request: WrkRequest): Workload['load'] =>
  (site, { tlsPort: port = 0 }, seconds) =>
    wrk(site, { port, tls: true }, { connections, seconds, request });

/** Every so-many-th of the apps, so that those visited lie all over the table. */
const visited = (site: Site): readonly string[] => {
  const hosts = hostsOf(site);
  return hosts.filter((_, index) => index % (hosts.length / visitedHosts) === 0);
};

export const workloads: readonly Workload[] = [
  { name: 'small_get', what: 'GET, 12 bytes', load: plain(get), all: true, goal: 0.9 },
  {
    name: 'browser_get',
    what: 'GET with 16 headers of a browser',
    load: plain({ path: '/', headers: browserHeaders }),
    goal: 0.9,
  },
  { name: 'post', what: 'POST, 16 KB', load: plain(post), goal: 0.95 },
  { name: 'large', what: 'GET, 100 KB', load: plain({ path: '/100k' }), goal: 0.95 },
  {
    name: 'routes',
    what: 'GET, 1 KB, 10,000 apps',
    routes: 10_000,
    load: (site, contender, seconds) => plain({ path: '/1k', hosts: visited(site) })(site, contender, seconds),
    goal: 0.9,
  },
  { name: 'new_connection', what: 'GET, each on a new connection', load: plain(newConnection), goal: 0.7 },
  { name: 'tls', what: 'GET over TLS', load: overTls(get), goal: 0.85 },
  { name: 'tls_post', what: 'POST, 16 KB, over TLS', load: overTls(post), goal: 0.75 },
  { name: 'handshakes', what: 'TLS handshake and GET', load: overTls(newConnection) },
  {
    name: 'h2',
    what: 'GET over HTTP/2',
    http2: true,
    load: (site, { tlsPort = 0 }, seconds) => loadHttp2(site, tlsPort, seconds),
    goal: 0.6,
  },
  {
    name: 'websocket',
    what: 'WebSocket frame there and back',
    load: (_site, { httpPort }, seconds) => loadWebSocket(httpPort, seconds),
  },
];
