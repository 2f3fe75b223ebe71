/** `node bench/static/compare-http.ts`: what servers of files answer to the same requests, as the table in packages/static/README.md. */
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { findPrograms } from '../router/programs.ts';
import { type StaticSite, startNode, startWhiteNoise } from './contenders.ts';

interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly length: number;
}

type Ask = (path: string, headers?: Readonly<Record<string, string>>, method?: string) => Promise<Got>;

const asking =
  (port: number): Ask =>
  (path, headers = {}, method = 'GET') =>
    new Promise((resolve, reject) => {
      request({ host: '127.0.0.1', port, path, headers, method, agent: false }, (response) => {
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          length += chunk.length;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, length }));
      })
        .on('error', reject)
        .end();
    });

const text = 'body { color: teal; margin: 0 }\n'.repeat(64);

const writeSite = async (folder: string): Promise<string> => {
  const root = join(folder, 'files');
  await mkdir(root);
  await writeFile(join(root, 'app.css'), text);
  await writeFile(join(root, 'app.css.gz'), gzipSync(text));
  await writeFile(join(root, 'app.css.br'), brotliCompressSync(text));
  await writeFile(join(root, 'app.css.zst'), zstdCompressSync(text));
  await writeFile(join(root, '.env'), 'SECRET=1');
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await symlink(join(folder, 'secret.txt'), join(root, 'link.txt'));
  return root;
};

const coding = async (ask: Ask, accepted: string): Promise<string> =>
  (await ask('/app.css', { 'accept-encoding': accepted })).headers['content-encoding'] ?? 'plain';

const isPart = async (ask: Ask, range: string, length: number): Promise<boolean> => {
  const got = await ask('/app.css', { range });
  return got.status === 206 && got.length === length;
};

const plain = { 'accept-encoding': 'identity' };
const etagOf = async (ask: Ask, headers = plain): Promise<string> =>
  (await ask('/app.css', headers)).headers.etag ?? '';

/** What is tried, and whether it went well; or a word for what came. */
const checks: readonly (readonly [what: string, check: (ask: Ask) => Promise<boolean | string>])[] = [
  [
    'sends variants made beforehand',
    async (ask) => {
      const sent = await Promise.all(['gzip', 'br', 'zstd'].map((one) => coding(ask, one)));
      return sent.filter((one) => one !== 'plain').join(', ') || false;
    },
  ],
  ['`br;q=0, gzip;q=0` gets plain bytes', async (ask) => (await coding(ask, 'br;q=0, gzip;q=0')) === 'plain'],
  [
    'weights decide: `gzip;q=1, br;q=0.1` gets gzip',
    async (ask) => {
      const sent = await coding(ask, 'gzip;q=1, br;q=0.1');
      return sent === 'plain' ? 'no codings' : sent === 'gzip';
    },
  ],
  [
    'each coding has its own ETag',
    async (ask) => {
      if ((await coding(ask, 'gzip')) === 'plain') return 'no codings';
      return (await etagOf(ask)) !== (await etagOf(ask, { 'accept-encoding': 'gzip' }));
    },
  ],
  ['`Range: bytes=0-0` is one byte', (ask) => isPart(ask, 'bytes=0-0', 1)],
  ['`Range: bytes=-1` is one byte', (ask) => isPart(ask, 'bytes=-1', 1)],
  [
    'several ranges get the whole file',
    async (ask) => (await ask('/app.css', { range: 'bytes=0-0,2-3' })).status === 200,
  ],
  [
    'If-Range with another tag gets the whole file',
    async (ask) => (await ask('/app.css', { range: 'bytes=0-9', 'if-range': '"other"' })).status === 200,
  ],
  [
    'If-None-Match takes a list',
    async (ask) =>
      (await ask('/app.css', { ...plain, 'if-none-match': `"other", ${await etagOf(ask)}` })).status === 304,
  ],
  [
    'If-Modified-Since gets 304',
    async (ask) => {
      const since = (await ask('/app.css', plain)).headers['last-modified'] ?? '';
      return (await ask('/app.css', { ...plain, 'if-modified-since': since })).status === 304;
    },
  ],
  ['an unmet If-Match gets 412', async (ask) => (await ask('/app.css', { 'if-match': '"other"' })).status === 412],
  ['POST gets 405', async (ask) => (await ask('/app.css', { 'content-length': '0' }, 'POST')).status === 405],
  ['hides `.env`', async (ask) => (await ask('/.env')).status !== 200],
  ['hides what a link leads to outside', async (ask) => (await ask('/link.txt')).status !== 200],
  ['hides `app.css.gz` behind `app.css`', async (ask) => (await ask('/app.css.gz')).status !== 200],
  [
    'lets other origins read files, 304 and 416 too',
    async (ask) => {
      const answers = [
        await ask('/app.css'),
        await ask('/app.css', { ...plain, 'if-none-match': await etagOf(ask) }),
        await ask('/app.css', { range: 'bytes=99999-' }),
      ];
      return answers.every(({ headers }) => headers['access-control-allow-origin'] === '*');
    },
  ],
];

const folder = await mkdtemp(join(tmpdir(), 'ravine-bench-'));
await using stack = new AsyncDisposableStack();
stack.defer(() => rm(folder, { recursive: true, force: true }));
const site: StaticSite = { folder, programs: findPrograms(['gunicorn']), root: await writeSite(folder) };
const servers = [
  await startNode(site, '@ravine/static', 'ravine'),
  await startWhiteNoise(site, 'WhiteNoise'),
  await startNode(site, 'sirv', 'sirv'),
  await startNode(site, 'serve-static', 'serve-static'),
  await startNode(site, '@fastify/static', '@fastify/static'),
];
for (const { server } of servers) stack.use(server);

const cell = (value: boolean | string): string => (typeof value === 'string' ? value : value ? 'yes' : '**no**');
process.stdout.write(
  `| | ${servers.map(({ name }) => name).join(' | ')} |\n| --- |${' --- |'.repeat(servers.length)}\n`,
);
for (const [what, check] of checks) {
  const cells: string[] = [];
  for (const { httpPort } of servers) cells.push(cell(await check(asking(httpPort))));
  process.stdout.write(`| ${what} | ${cells.join(' | ')} |\n`);
}
