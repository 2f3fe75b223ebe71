import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Load } from '../e2e/harness/load.ts';
import { nodeImage } from '../e2e/harness/tiny-app.ts';
import { TinySite } from '../e2e/harness/tiny-site.ts';
import { ensureEngine } from '../scripts/engine.ts';
import { clearEngine } from '../scripts/platform-in-engine.ts';
import { quantile, type Result } from './result.ts';

const perSecond = 200;
const mostBytes = 8 * 1024 ** 3;
/** What a build may take unless told otherwise. */
const limitBytes = 2 * 1024 ** 3;
const stepBytes = 16 * 1024 ** 2;
const stacks = ['container', 'heroku-24'] as const;

export interface BuildLoadOptions {
  /** Stacks; all when empty. */
  readonly only: readonly string[];
  readonly rounds: number;
  /** How long visits are counted, once before and once during each build. */
  readonly seconds: number;
}

/** Spins on every core and takes 8 GB step by step; it reaches its limit when the visits have been counted. */
const hog = (seconds: number): string => `
const { Worker } = require('node:worker_threads');
const { cpus } = require('node:os');
console.log('the build is under way');
for (const _ of cpus()) new Worker('for (;;);', { eval: true });
const taken = [];
setInterval(() => {
  taken.push(Buffer.alloc(${stepBytes}, taken.length));
  if (taken.length < ${mostBytes / stepBytes}) return;
  console.log('the build has', taken.length * ${stepBytes}, 'bytes');
  process.exit(1);
}, ${((seconds + 1) * 1000 * stepBytes) / limitBytes});
`;

/** The p99 of a running app while a build of another push spins on all cores and takes 8 GB, and before. */
export const buildLoad = async ({ only, rounds, seconds }: BuildLoadOptions): Promise<Result> => {
  const rows: Result['rows'][number][] = [];
  const values: Record<string, number> = {};
  for (const stack of stacks.filter((each) => only.length === 0 || only.includes(each))) {
    const { before, during } = await onStack(stack, rounds, seconds);
    const key = stack.replaceAll('-', '_');
    rows.push(
      { what: `${stack}: p99 before`, value: before, unit: 'ms' },
      { what: `${stack}: p99 during a build`, value: during, unit: 'ms' },
      { what: `${stack}: ratio`, value: during / before, unit: 'x', goal: 2 },
    );
    values[`p99_ratio_${key}`] = during / before;
    values[`${key}_before_ms`] = before;
    values[`${key}_during_ms`] = during;
  }
  return {
    rows,
    values,
    method: `Medians of ${rounds} rounds: p99 of ${perSecond} visits a second over ${seconds} s before, and over ${seconds} s of a build that spins on all cores and takes memory until it is ended at its limit.`,
  };
};

interface Latencies {
  readonly before: number;
  readonly during: number;
}

const onStack = async (stack: (typeof stacks)[number], rounds: number, seconds: number): Promise<Latencies> => {
  const engine = stack === 'container' ? ensureEngine() : undefined;
  const site = await TinySite.open({ dynos: 1, ...(engine === undefined ? {} : { engine }) });
  try {
    await site.app.commit('hog', engine === undefined ? { 'package.json': manifest } : { Dockerfile: dockerfile });
    const before: number[] = [];
    const during: number[] = [];
    for (let round = 0; round < rounds; round += 1) {
      before.push(await p99(site, seconds));
      during.push(await duringBuild(site, round, seconds));
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

const p99 = async (site: TinySite, seconds: number): Promise<number> => {
  const host = `${site.name}.localhost`;
  await using load = new Load({ port: site.machine.routerPort, host }, { perSecond });
  await load.lasts(seconds);
  const { failures, p99Ms } = await load.stop();
  if (failures.length > 0) throw new Error(`expected every visit to be answered, ${failures.length} failed`);
  return p99Ms;
};

/** Pushes what must fail for its memory. */
const duringBuild = async (site: TinySite, round: number, seconds: number): Promise<number> => {
  await writeFile(join(site.app.folder, 'hog.js'), `${hog(seconds)}// ${process.pid} ${Date.now()}\n`);
  await site.app.commit(`hog-${round}`);
  const begun = Promise.withResolvers<void>();
  const pushed = site.member.push(site.name, site.app.folder, (soFar) => {
    if (/^remote: +the build is under way/m.test(soFar)) begun.resolve();
  });
  await Promise.race([begun.promise, pushed]);
  const took = await p99(site, seconds);
  const { status, output } = await pushed;
  if (status === 0 || !/The build needed more than its \d+ MB of memory/.test(output))
    throw new Error(`expected the build to end for its memory, git ended with ${status}:\n${output}`);
  return took;
};
