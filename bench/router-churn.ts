import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quantile, type Result, type Row } from './result.ts';
import type { Rounds } from './router/compare.ts';
import { timesAtRate } from './router/h2load.ts';
import { startRavine } from './router/ravine.ts';
import { openSite } from './router/site.ts';
import { wrk } from './router/wrk.ts';

const apps = 10_000;
const publishesPerSecond = 10;
const pace = { perSecond: 1_000, connections: 64 };
const warmUpSeconds = 3;
const parts = { p50: 0.5, p99: 0.99, 'p99.9': 0.999 } as const;

/** What visitors notice of new routes: times to answers while they are published, and while they are not. */
export const routerChurn = async ({ rounds, seconds }: Rounds): Promise<Result> => {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'ravine-bench-'));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const site = { ...(await openSite(folder, stack)), routes: apps };
  const times: Record<'calm' | 'churning', number[][]> = { calm: [], churning: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const how of ['calm', 'churning'] as const) {
      await using turn = new AsyncDisposableStack();
      const own = { ...site, folder: await mkdtemp(join(folder, `${how}-`)) };
      const router = await startRavine(own, turn, { publishesPerSecond: how === 'calm' ? 0 : publishesPerSecond });
      const target = { port: router.httpPort, tls: false };
      await wrk(own, target, { connections: pace.connections, seconds: warmUpSeconds, request: { path: '/' } });
      times[how].push([...(await timesAtRate(own, router.httpPort, { ...pace, seconds }))]);
    }
  }
  const rows: Row[] = [];
  const values: Record<string, number> = {};
  for (const how of ['calm', 'churning'] as const) {
    for (const [name, part] of Object.entries(parts)) {
      const value = quantile(
        times[how].map((each) => quantile(each, part)),
        0.5,
      );
      rows.push({ what: `${how}, ${name}`, value, unit: 'µs' });
      values[`${how}_${name.replace('.', '_')}`] = value;
    }
  }
  return {
    rows,
    values,
    method: `${pace.perSecond} GETs a second over ${pace.connections} kept connections to a router with ${apps} apps; churning means ${publishesPerSecond} publishes a second, each with another dyno for one app. Medians of ${rounds} rounds of ${seconds} s in turns. The router has a core, control shares the other with load and upstream.`,
  };
};
