import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Machine } from '../e2e/harness/machine.ts';
import { Member } from '../e2e/harness/member.ts';
import { ensureEngine } from '../scripts/engine.ts';
import { clearEngine, runningInEngine } from '../scripts/platform-in-engine.ts';
import { quantile, type Result } from './result.ts';
import { ShopByHand } from './shop-by-hand.ts';
import { type Collecting, changeShop, makeShop, shopSettings, shows } from './shop-source.ts';

const rounds = 7;
const lookEveryMs = 50;

interface Way {
  /** From the changed source until a page shows the mark. */
  deploy(source: string, mark: string): Promise<void>;
  /** What nobody waits for. */
  tidy(): Promise<void>;
}

/**
 * Push to live of the Django bookstore with one changed template, against `docker build`, `docker run` and the first 200
 * by hand on the same engine: once with the static files collected in the build, once, as the chapter has it, after it.
 */
export const deployContainer = async (): Promise<Result> => {
  await using stack = new AsyncDisposableStack();
  const machine = await Machine.make({ DOCKER_HOST: ensureEngine(), RAVINE_ENGINE: 'auto' });
  stack.defer(() => clearEngine(machine.dataFolder));
  stack.use(machine);
  await machine.start();
  const member = await Member.logIn(machine);
  const live = new Set<string>();
  const inBuild = stack.use(await Contest.open(member, 'in-build', live));
  const afterBuild = stack.use(await Contest.open(member, 'after-build', live));
  for (let round = 0; round <= rounds; round += 1) {
    // The first fills the layer cache, which all share, and starts what is started once.
    for (const contest of [inBuild, afterBuild]) await contest.round(round > 0);
  }
  const [plain, phased] = [inBuild.medians(), afterBuild.medians()];
  return {
    rows: [
      { what: 'git push to first answer of the new release', value: plain.oursMs, unit: 'ms' },
      { what: 'docker build, docker run, first 200', value: plain.theirsMs, unit: 'ms' },
      { what: 'ratio', value: plain.ratio, unit: 'x', goal: 1.2 },
      { what: 'with a release phase whose files are kept', value: phased.oursMs, unit: 'ms' },
      { what: 'docker build, run, commit, run, first 200', value: phased.theirsMs, unit: 'ms' },
      { what: 'ratio', value: phased.ratio, unit: 'x' },
    ],
    values: {
      ratio_vs_by_hand: plain.ratio,
      ravine_ms: plain.oursMs,
      by_hand_ms: plain.theirsMs,
      release_phase_ratio_vs_by_hand: phased.ratio,
      release_phase_ms: phased.oursMs,
      release_phase_by_hand_ms: phased.theirsMs,
    },
    method: `Medians of ${rounds} deploys each, in turns, after one that fills the caches: the Django bookstore, one template changed, layers cached, one engine. By hand in the source folder, without git.`,
  };
};

/** One way of collecting, tried by Ravine and by hand in turns. */
class Contest implements AsyncDisposable {
  readonly #source: string;
  readonly #ways: readonly { readonly way: Way; readonly tookMs: number[] }[];
  readonly #byHand: ShopByHand;

  private constructor(source: string, ours: Way, theirs: ShopByHand) {
    this.#source = source;
    this.#byHand = theirs;
    this.#ways = [ours, theirs].map((way) => ({ way, tookMs: [] }));
  }

  static async open(member: Member, collecting: Collecting, live: Set<string>): Promise<Contest> {
    const app = `shop-${collecting}`;
    const source = join(member.machine.dataFolder, app);
    await makeShop(source, collecting);
    await member.call('POST', '/apps', { name: app, stack: 'container' });
    await member.call('PATCH', `/apps/${app}/config-vars`, shopSettings);
    return new Contest(source, withRavine(member, app, live), new ShopByHand(app, collecting));
  }

  async round(counts: boolean): Promise<void> {
    for (const [index, { way, tookMs }] of this.#ways.entries()) {
      // No deploy finds in the layer cache what an earlier one has built.
      const mark = `mark-${index}-${process.pid}-${Date.now()}`;
      await changeShop(this.#source, mark);
      const from = performance.now();
      await way.deploy(this.#source, mark);
      if (counts) tookMs.push(performance.now() - from);
      await way.tidy();
    }
  }

  medians(): { readonly oursMs: number; readonly theirsMs: number; readonly ratio: number } {
    const [oursMs = 0, theirsMs = 0] = this.#ways.map(({ tookMs }) => quantile(tookMs, 0.5));
    return { oursMs, theirsMs, ratio: oursMs / theirsMs };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#byHand.removeAll();
  }
}

/** @param live apps that have a dyno */
const withRavine = (member: Member, app: string, live: Set<string>): Way => ({
  async deploy(source, mark) {
    const { status, output } = await member.push(app, source);
    if (status !== 0) throw new Error(`git push ended with status ${status}:\n${output}`);
    await shows({ host: '127.0.0.1', port: member.machine.routerPort, name: `${app}.localhost` }, mark);
  },
  /** Until the dynos of the release before have gone, so that their end takes nothing from the other way. */
  async tidy() {
    live.add(app);
    while ((await runningInEngine(member.machine.dataFolder)).length !== live.size) await sleep(lookEveryMs);
  },
});
