import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import type { Result, Row } from './result.ts';
import { startCaddy } from './router/caddy.ts';
import { type Rounds, ratioTo, rowsOf, takeTurns } from './router/compare.ts';
import type { Contender } from './router/contender.ts';
import { startHaproxy } from './router/haproxy.ts';
import { startHttpProxy } from './router/http-proxy.ts';
import { compareLatency } from './router/latency.ts';
import { startNginx } from './router/nginx.ts';
import { startRavine } from './router/ravine.ts';
import { openSite, type Site } from './router/site.ts';
import { workloads } from './router/workloads.ts';

export interface RouterOptions extends Rounds {
  /** Names of workloads, or `p99`; all when there are none. */
  readonly only: readonly string[];
}

const latency = 'p99';
/** Beside nginx: what a small GET costs them, divided by what it costs us. */
const goals = { haproxy: undefined, caddy: 3, 'http-proxy': 3 } as const;

/** What requests cost the router, and what they cost other proxies. */
export const router = async ({ only, ...rounds }: RouterOptions): Promise<Result> => {
  refuseUnknown(only);
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'ravine-bench-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const site = await openSite(folder, stack);
  const ours = await startRavine(site, stack);
  const nginx = await startNginx(site, stack);
  const rows: Row[] = [];
  const values: Record<string, number> = {};
  for (const workload of workloads.filter(({ name }) => only.length === 0 || only.includes(name))) {
    process.stderr.write(`${workload.what} ...\n`);
    if (workload.http2 && !(await speaksHttp2(ours))) {
      rows.push({
        what: workload.what,
        value: Number.NaN,
        unit: '',
        note: 'the router offers no HTTP/2: not measured',
      });
      continue;
    }
    await using others = new AsyncDisposableStack();
    const here = workload.routes === undefined ? site : { ...site, routes: workload.routes };
    const both = here === site ? [ours, nginx] : [await startRavine(here, others), await startNginx(here, others)];
    const all = workload.all ? [...both, ...(await startOthers(here, others))] : both;
    const turns = await takeTurns(all, (contender) => workload.load(here, contender, rounds.seconds), rounds);
    rows.push(...rowsOf(workload.what, turns));
    for (const { name } of all.slice(1)) {
      const ratio = ratioTo(turns, name);
      const least = name === 'nginx' ? workload.goal : goals[name as keyof typeof goals]; // the rest are those
      rows.push({ what: `${workload.what}: ${name} / ravine`, value: ratio, unit: 'x', ...(least && { least }) });
      if (workload.goal !== undefined) values[`${workload.name}_vs_${name.replace('-', '_')}`] = ratio;
    }
  }
  if (only.length === 0 || only.includes(latency)) {
    process.stderr.write('latency at half load ...\n');
    const { rows: latencyRows, p99Ratio } = await compareLatency(site, ours, nginx, rounds);
    rows.push(...latencyRows);
    values.p99_vs_nginx = p99Ratio;
  }
  return { rows, values, method: methodOf(rounds) + (await droppedLines(folder)) };
};

const methodOf = ({ rounds, seconds }: Rounds): string =>
  `µs are CPU time per request of the proxy's own processes, user and system: medians of ${rounds} rounds of ${seconds} s in turns, once each is warm. ` +
  'Each ratio is the median over rounds, higher is better but for latency. The proxy has one core, load and upstream the other; access logs are on.';

const refuseUnknown = (only: readonly string[]): void => {
  const known = [...workloads.map(({ name }) => name), latency];
  const unknown = only.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw new Error(`expected --only to name some of ${known.join(', ')}, got "${unknown.join(', ')}"`);
};

const startOthers = async (site: Site, stack: AsyncDisposableStack): Promise<Contender[]> => [
  await startHaproxy(site, stack),
  await startCaddy(site, stack),
  await startHttpProxy(site, stack),
];

/** Whether its TLS offers HTTP/2 (ALPN, RFC 7301). */
const speaksHttp2 = ({ tlsPort = 0 }: Contender): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const options = { ALPNProtocols: ['h2', 'http/1.1'], servername: 'localhost', rejectUnauthorized: false };
    const socket = connect(tlsPort, '127.0.0.1', options, () => {
      resolve(socket.alpnProtocol === 'h2');
      socket.destroy();
    }).on('error', reject);
  });

/** What the router says when its lines were taken more slowly than it wrote them. */
const droppedLines = async (folder: string): Promise<string> => {
  const said = await readFile(join(folder, 'ravine-1', 'output.log'), 'utf8');
  const dropped = [...said.matchAll(/(\d+) router log lines were dropped/g)];
  const lines = dropped.reduce((sum, [, count]) => sum + Number(count), 0);
  return lines === 0 ? '' : ` ${lines} access lines of Ravine were dropped, as they were taken more slowly than made.`;
};
