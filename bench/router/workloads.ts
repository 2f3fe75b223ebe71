import type { WrkRequest } from './wrk.ts';

/** One kind of traffic that proxies are compared by. */
export interface Workload {
  readonly name: string;
  readonly what: string;
  readonly tls: boolean;
  readonly connections: number;
  readonly request: WrkRequest;
  /** How many apps the proxies know. */
  readonly routes?: number;
  /** Beside Ravine and nginx. */
  readonly others?: boolean;
  /** What nginx's cost divided by ours must reach. */
  readonly goal: number;
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

const kept = { tls: false, connections: 64 };
const post: WrkRequest = { path: '/post', method: 'POST', bodyBytes: 16 * 1024 };

export const workloads: readonly Workload[] = [
  { ...kept, name: 'small_get', what: 'GET, 12 bytes', request: { path: '/' }, others: true, goal: 0.9 },
  {
    ...kept,
    name: 'browser_get',
    what: 'GET with the 16 headers of a browser',
    request: { path: '/', headers: browserHeaders },
    goal: 0.9,
  },
  { ...kept, name: 'post', what: 'POST of 16 KB', request: post, goal: 0.95 },
  { ...kept, name: 'large', what: 'response of 100 KB', request: { path: '/100k' }, goal: 0.95 },
  { ...kept, name: 'tls', what: 'GET over TLS', tls: true, request: { path: '/' }, goal: 0.85 },
  { ...kept, name: 'tls_post', what: 'POST of 16 KB over TLS', tls: true, request: post, goal: 0.75 },
];
