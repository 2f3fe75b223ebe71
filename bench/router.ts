import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Result, Row } from './result.ts';
import { type Rounds, ratioTo, rowsOf, takeTurns } from './router/compare.ts';
import type { Contender } from './router/contender.ts';
import { startNginx } from './router/nginx.ts';
import { startRavine } from './router/ravine.ts';
import { openSite, type Site } from './router/site.ts';
import { type Workload, workloads } from './router/workloads.ts';
import { wrk } from './router/wrk.ts';

export interface RouterOptions extends Rounds {
  /** Names of workloads; all when there are none. */
  readonly only: readonly string[];
}

/** What a request costs the router, and what it costs nginx. */
export const router = async ({ only, ...rounds }: RouterOptions): Promise<Result> => {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'ravine-bench-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const site = await openSite(folder, stack);
  const proxies = [await startRavine(site, stack), await startNginx(site, stack)];
  const rows: Row[] = [];
  const values: Record<string, number> = {};
  for (const workload of chosen(only)) {
    const turns = await takeTurns(proxies, (proxy) => loadOf(site, workload, proxy, rounds.seconds), rounds);
    const ratio = ratioTo(turns, 'nginx');
    rows.push(...rowsOf(workload.what, turns));
    rows.push({ what: `${workload.what}: ratio to nginx`, value: ratio, unit: 'x', least: workload.goal });
    values[`${workload.name}_vs_nginx`] = ratio;
  }
  return {
    rows,
    values,
    method: `CPU time per request of the proxy's own processes, user and system; medians of ${rounds.rounds} rounds of ${rounds.seconds} s in turns after one that warms up. A ratio is theirs divided by ours, higher is better. Contender on one core, load and upstream on the other; access logs on.`,
  };
};

/** @throws Error for a name that no workload has */
const chosen = (only: readonly string[]): readonly Workload[] => {
  const unknown = only.filter((name) => workloads.every((workload) => workload.name !== name));
  if (unknown.length > 0) {
    throw new Error(
      `expected workloads of ${workloads.map(({ name }) => name).join(', ')}, got "${unknown.join(', ')}"`,
    );
  }
  return workloads.filter(({ name }) => only.length === 0 || only.includes(name));
};

const loadOf = (site: Site, { tls, connections, request }: Workload, proxy: Contender, seconds: number) =>
  wrk(site, { port: (tls ? proxy.tlsPort : undefined) ?? proxy.httpPort, tls }, { connections, seconds, request });
