import type { Contender } from './contender.ts';
import { type Http2Requests, loadHttp2 } from './h2load.ts';
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

/** What Chromium sends when somebody follows a link on a site that they are logged in to: 1,030 bytes with the request line and Host. */
const browserHeaders = {
  Connection: 'keep-alive',
  'sec-ch-ua': '"Chromium";v="142", "Google Chrome";v="142", "Not_A Brand";v="99"',
  'sec-ch-ua-mobile': '?0',
  'sec-ch-ua-platform': '"Linux"',
  'Upgrade-Insecure-Requests': '1',
  'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
  Accept:
    'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,application/signed-exchange;v=b3;q=0.7',
  'Sec-Fetch-Site': 'same-origin',
  'Sec-Fetch-Mode': 'navigate',
  'Sec-Fetch-User': '?1',
  'Sec-Fetch-Dest': 'document',
  Referer: 'https://localhost/books?category=history&page=2',
  'Accept-Encoding': 'gzip, deflate, br, zstd',
  'Accept-Language': 'en-GB,en-US;q=0.9,en;q=0.8,de;q=0.7',
  Cookie: [
    '_ga=GA1.1.1847362950.1764489600',
    '_ga_7Q2XK4M1ZB=GS2.1.s1764489600$o7$g1$t1764490212$j58$l0$h0',
    '_fbp=fb.1.1764489600123.904117263548120377',
    'cookie_consent=necessary',
    'csrftoken=kP3vXw9LrT7bQm2ZsJ8nYd5HfC4gAe6U',
    'sessionid=m4x8q2v7z1c6b9n3l5k0j7h2g8f4d1s6',
    'last_seen=',
  ].join('; '),
};

/** So many requests take turns, each with a path and a cookie of its own: no proxy may live on having seen the same head before. */
const visitors = 1_000;

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

const overHttp2 =
  (requests: Http2Requests): Workload['load'] =>
  (site, { tlsPort = 0 }, seconds) =>
    loadHttp2(site, tlsPort, seconds, requests);

const visitedPages = Array.from({ length: 1_000 }, (_, page) => `/?category=history&page=${page}`);
const { Connection: _ofHttp1, ...http2Headers } = browserHeaders;

/** Every so-many-th of the apps, so that those visited lie all over the table. */
const visited = (site: Site): readonly string[] => {
  const hosts = hostsOf(site);
  return hosts.filter((_, index) => index % (hosts.length / visitedHosts) === 0);
};

export const workloads: readonly Workload[] = [
  { name: 'small_get', what: 'GET, 12 bytes', load: plain(get), all: true, goal: 0.9 },
  {
    name: 'browser_get',
    what: 'GET with 16 headers of a browser, 1 KB',
    load: plain({ path: '/', headers: browserHeaders, variants: { count: visitors, header: 'Cookie' } }),
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
    load: overHttp2({ paths: ['/'] }),
    goal: 0.6,
  },
  {
    name: 'h2_browser',
    what: 'GET over HTTP/2 of 1,000 addresses with headers of a browser',
    http2: true,
    load: overHttp2({ paths: visitedPages, headers: http2Headers }),
  },
  {
    name: 'websocket',
    what: 'WebSocket frame there and back',
    load: (_site, { httpPort }, seconds) => loadWebSocket(httpPort, seconds),
  },
];
