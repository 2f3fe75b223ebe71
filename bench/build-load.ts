import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Load } from '../e2e/harness/load.ts';
import { nodeImage } from '../e2e/harness/tiny-app.ts';
import { TinySite } from '../e2e/harness/tiny-site.ts';
import { ensureEngine } from '../scripts/engine.ts';
import { clearEngine } from '../scripts/platform-in-engine.ts';
import { quantile, type Result } from './result.ts';

const seconds = 15;
const perSecond = 100;
const rounds = 3;

/** Spins on every core for as long as the visits are counted, then takes 8 GB. */
const hog = `
const { Worker } = require('node:worker_threads');
const { cpus } = require('node:os');
console.log('the build is under way');
for (const _ of cpus()) new Worker('for (;;);', { eval: true });
setTimeout(() => {
  const taken = [];
  for (let n = 0; n < 512; n += 1) taken.push(Buffer.alloc(16 * 1024 * 1024, n));
  console.log('the build has', taken.length * 16, 'MB');
  process.exit(1);
}, ${(seconds + 1) * 1000});
`;

/** The p99 of a running app while a build of another push spins on all cores and then takes 8 GB, and before; on both stacks. */
export const buildLoad = async (): Promise<Result> => {
  const host = ensureEngine();
  const container = await onStack(host);
  const process = await onStack(undefined);
  const row = (stack: string, { before, during }: Latencies): Result['rows'] => [
    { what: `${stack}: p99 before`, value: before, unit: 'ms' },
    { what: `${stack}: p99 during a build`, value: during, unit: 'ms' },
    { what: `${stack}: ratio`, value: during / before, unit: 'x', goal: 2 },
  ];
  return {
    rows: [...row('container', container), ...row('heroku-24', process)],
    values: {
      p99_ratio_container: container.during / container.before,
      p99_ratio_heroku_24: process.during / process.before,
      container_before_ms: container.before,
      container_during_ms: container.during,
      heroku_24_before_ms: process.before,
      heroku_24_during_ms: process.during,
    },
    method: `Medians of ${rounds} rounds: p99 of ${perSecond} visits a second over ${seconds} s before, and over ${seconds} s of a build that spins on all cores; then the build takes 8 GB and must be ended at its limit.`,
  };
};

interface Latencies {
  readonly before: number;
  readonly during: number;
}

const onStack = async (engine: string | undefined): Promise<Latencies> => {
  const site = await TinySite.open({ dynos: 1, ...(engine === undefined ? {} : { engine }) });
  try {
    await site.app.commit('hog', engine === undefined ? { 'package.json': manifest } : { Dockerfile: dockerfile });
    const before: number[] = [];
    const during: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      before.push(await p99(site));
      during.push(await duringBuild(site, round));
      await sleep(1000);
    }
    return { before: quantile(before, 0.5), during: quantile(during, 0.5) };
  } finally {
    await site[Symbol.asyncDispose]();
    if (engine !== undefined) await clearEngine(site.machine.dataFolder);
  }
};

const manifest = JSON.stringify({ name: 'tiny', version: '1.0.0', private: true, scripts: { build: 'node hog.js' } });
const dockerfile = `FROM ${nodeImage}\nCOPY hog.js .\nRUN node hog.js\nCOPY server.js .\nCMD ["node", "server.js"]\n`;

const p99 = async (site: TinySite): Promise<number> => {
  const host = `${site.name}.localhost`;
  await using load = new Load({ port: site.machine.routerPort, host }, { perSecond });
  await load.lasts(seconds);
  const { failures, p99Ms } = await load.stop();
  if (failures.length > 0) throw new Error(`expected every visit to be answered, ${failures.length} failed`);
  return p99Ms;
};

/** Pushes what must fail for its memory. */
const duringBuild = async (site: TinySite, round: number): Promise<number> => {
  await writeFile(join(site.app.folder, 'hog.js'), `${hog}// ${process.pid} ${Date.now()}\n`);
  await site.app.commit(`hog-${round}`);
  const begun = Promise.withResolvers<void>();
  const pushed = site.member.push(site.name, site.app.folder, (soFar) => {
    if (/^remote: +the build is under way/m.test(soFar)) begun.resolve();
  });
  await Promise.race([begun.promise, pushed]);
  const took = await p99(site);
  const { status, output } = await pushed;
  if (status === 0 || !/The build needed more than its \d+ MB of memory/.test(output))
    throw new Error(`expected the build to end for its memory, git ended with ${status}:\n${output}`);
  return took;
};
