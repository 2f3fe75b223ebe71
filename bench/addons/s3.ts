import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeAccount } from '../../packages/platform/src/objects/store/account-file.ts';
import { freePort } from '../free-port.ts';
import type { Result, Row } from '../result.ts';
import { quantile } from '../result.ts';
import { type Rounds, ratioTo, rowsOf, takeTurns } from '../router/compare.ts';
import type { Contender } from '../router/contender.ts';
import type { Turn } from '../router/measure.ts';
import { Pinned, proxyCore } from '../router/pinned.ts';
import { findPrograms, type Programs } from '../router/programs.ts';
import { mainHost, nginxFolders, nginxHead } from '../router/site.ts';
import { wrk } from '../router/wrk.ts';
import { type Keys, presign } from './presign.ts';
import { s3rverKeys, startS3rver } from './s3rver.ts';

const bucket = 'bench-media';
const keys = { accessKeyId: 'AKIABENCH', secretKey: 'not-a-secret' };
const main = join(import.meta.dirname, '..', '..', 'packages', 'platform', 'src', 'processes', 'object-store.ts');

interface Traffic {
  readonly name: string;
  readonly what: string;
  readonly method: 'GET' | 'PUT';
  readonly bytes: number;
  /** Else it is what visitors ask for, without a signature. */
  readonly signed: boolean;
  readonly connections: number;
  /** Where a disk may need longer than a turn for an answer. */
  readonly leastSeconds?: number;
}

const kilobyte = 1024;
const traffics: readonly Traffic[] = [
  { name: 'get', what: 'GET of 10 KB, public', method: 'GET', bytes: 10 * kilobyte, signed: false, connections: 32 },
  { name: 'get_signed', what: 'GET of 10 KB, signed', method: 'GET', bytes: 10 * kilobyte, signed: true, connections: 32 },
  { name: 'get_large', what: 'GET of 1 MB, public', method: 'GET', bytes: kilobyte ** 2, signed: false, connections: 8 },
  { name: 'put', what: 'PUT of 10 KB', method: 'PUT', bytes: 10 * kilobyte, signed: true, connections: 32 },
  { name: 'put_large', what: 'PUT of 1 MB', method: 'PUT', bytes: kilobyte ** 2, signed: true, connections: 4, leastSeconds: 4 },
]; // biome-ignore format: a table

const startStore = async (folder: string): Promise<Contender> => {
  const root = join(folder, 'store');
  await mkdir(root);
  const most = { quotaBytes: kilobyte ** 3, mostBuckets: 1, publicPrefix: 'public/' };
  await writeAccount(root, { id: 'bench', bucket, ...keys, ...most });
  const [httpPort, output] = [await freePort(), join(folder, 'store.log')];
  const argv = [process.execPath, main, root, String(httpPort), '', ''];
  return {
    name: 'ravine',
    server: await Pinned.start(argv, { core: proxyCore, output, port: httpPort }),
    httpPort,
    accessLog: output,
  };
};

/** Files as it serves them, and PUT by its WebDAV module, which syncs nothing to the disk. */
const startNginx = async (folder: string, programs: Programs): Promise<Contender> => {
  const own = join(folder, 'nginx');
  await mkdir(join(own, 'files'), { recursive: true });
  const [httpPort, output] = [await freePort(), join(own, 'output.log')];
  const config = join(own, 'nginx.conf');
  await writeFile(
    config,
    `${nginxHead(own)}
http {
  ${nginxFolders(own)}
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  client_max_body_size 16m;
  server {
    listen 127.0.0.1:${httpPort} backlog=4096;
    root ${own}/files;
    dav_methods PUT;
    create_full_put_path on;
    add_header Cache-Control "public, max-age=60";
  }
}
`,
  );
  const argv = [programs.path('nginx'), '-p', own, '-e', join(own, 'error.log'), '-c', config];
  const options = { core: proxyCore, output, port: httpPort, env: programs.env };
  return { name: 'nginx', server: await Pinned.start(argv, options), httpPort, accessLog: output };
};

const keysOf = ({ name }: Contender): Keys => (name === 's3rver' ? s3rverKeys : keys);

const pathOf = ({ name, method, signed }: Traffic, host: string, by: Keys): string => {
  const path = `/${bucket}/public/${name}`;
  return signed ? presign(method, host, path, by) : path;
};

const fill = async (contender: Contender, traffic: Traffic): Promise<void> => {
  const { httpPort, name } = contender;
  const host = `${mainHost}:${httpPort}`;
  const path = presign('PUT', host, `/${bucket}/public/${traffic.name}`, keysOf(contender));
  const { status } = await fetch(`http://${host}${path}`, { method: 'PUT', body: randomBytes(traffic.bytes) });
  if (status >= 300) throw new Error(`expected ${name} to take a PUT, got ${status}`);
};

const load = (site: { readonly folder: string; readonly programs: Programs }, traffic: Traffic, seconds: number) =>
  (contender: Contender) => {
    const { httpPort } = contender;
    const { method, bytes, connections } = traffic;
    const request = {
      path: pathOf(traffic, `${mainHost}:${httpPort}`, keysOf(contender)),
      method,
      bodyBytes: method === 'PUT' ? bytes : 0,
      headers: { Host: `${mainHost}:${httpPort}` },
    };
    return wrk(site, { port: httpPort, tls: false }, { connections, seconds, request });
  }; // biome-ignore format: a function of a function

const throughputRatio = (turns: ReadonlyMap<string, readonly Turn[]>, other: string): number => {
  const of = (name: string) => (turns.get(name) ?? []).map(({ perSecond }) => perSecond);
  return quantile(of('ravine'), 0.5) / quantile(of(other), 0.5);
};

/** The store's GET and PUT, and nginx and s3rver with the same files, one process on core 1 each, by wrk on core 0. */
export const s3 = async (rounds: Rounds): Promise<Result> => {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'ravine-bench-s3-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const site = { folder, programs: findPrograms(['nginx', 'wrk']) };
  const contenders = [
    await startStore(folder),
    await startNginx(folder, site.programs),
    await startS3rver(folder, bucket),
  ];
  const others = ['nginx', 's3rver'];
  for (const { server } of contenders) stack.use(server);
  const rows: Row[] = [];
  const values: Record<string, number> = {};
  for (const traffic of traffics) {
    process.stderr.write(`${traffic.what} ...\n`);
    for (const contender of contenders) await fill(contender, traffic);
    const turns = await takeTurns(
      contenders,
      load(site, traffic, Math.max(rounds.seconds, traffic.leastSeconds ?? 0)),
      rounds,
    );
    rows.push(...rowsOf(traffic.what, turns));
    for (const other of others) {
      rows.push({ what: `${traffic.what}: ${other} / ravine`, value: ratioTo(turns, other), unit: 'x' });
      const key = `s3_${traffic.name}${other === 'nginx' ? '' : `_${other}`}`;
      Object.assign(values, {
        [`${key}_cpu_ratio`]: ratioTo(turns, other),
        [`${key}_throughput_ratio`]: throughputRatio(turns, other),
      });
    }
  }
  const method = `s3: one process on core 1, wrk on core 0 over 32 connections (8 and 4 for 1 MB), ${rounds.rounds} rounds of ${rounds.seconds} s by turns once each is warm; µs are CPU per request, the ratio is the other's divided by ours. Ours checks the signature, computes MD5 and syncs file, folder and books before it answers a PUT; nginx does none of these, s3rver no syncing.`;
  return { rows, values, method };
};
