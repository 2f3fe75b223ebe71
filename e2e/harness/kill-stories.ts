import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertOnlyUnderWay, killUnder } from './kill-under.ts';
import { describeFailures, type Span } from './load.ts';
import { Tail, type TailedLine } from './tail.ts';
import type { Answer, TinySite } from './tiny-site.ts';

const numberOf = (text: string): number => Number(/^line (\d+) /.exec(text)?.[1] ?? 0);
const isNumbered = ({ text }: TailedLine): boolean => numberOf(text) > 0;

/** Resolves when so many more lines of a chatty app have come. */
export const moreLines = (tail: Tail, count: number): Promise<unknown> =>
  tail.until(isNumbered, tail.lines.length + count);

/** How many lines an engine may lose when it ends: those that it has read from a container and not yet written down. */
const mostInFlight = 2;

/**
 * Reads web.1's log while something is done; each of its lines must come once and in order.
 * @param kept the log as an engine has it that is ended meanwhile: what it lost itself nobody can read
 * @returns how many came
 */
export const withWholeLog = async (
  site: TinySite,
  act: (tail: Tail) => Promise<void>,
  kept?: () => Promise<string>,
): Promise<number> => {
  await using tail = await Tail.open(site.member, site.name, { dyno: 'web.1' });
  await tail.until(isNumbered);
  await act(tail);
  await moreLines(tail, 100);
  const numbers = tail.lines.filter(isNumbered).map(({ text }) => numberOf(text));
  const first = numbers[0] ?? 0;
  const last = numbers.at(-1) ?? 0;
  const written = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const within = (number: number): boolean => number >= first && number <= last;
  const readable = kept === undefined ? written : (await kept()).split('\n').map(numberOf).filter(within);
  const lost = written.length - readable.length;
  assert.ok(lost <= mostInFlight, `the engine has ${readable.length} of ${written.length} lines`);
  const missing = readable.filter((number) => !numbers.includes(number));
  assert.deepEqual(
    numbers,
    readable,
    `each line once and in order from ${first} to ${last}; missing: ${missing.join(' ')}`,
  );
  return numbers.length;
};

/** kill -9 of a router worker under load: only what was under way may fail, and it is replaced. */
export const killRouterWorker = async (site: TinySite, seconds: number, t: TestContext): Promise<void> => {
  let kill: Span = { fromMs: 0, toMs: 0 };
  const report = await site.underLoad(seconds, async (load) => {
    const [worker] = (await site.machine.processes()).routers;
    kill = await killUnder(load, 'a router worker', worker?.pid ?? 0);
    while ((await site.machine.processes()).routers.length < 2) await sleep(5);
    await load.answers(200);
  });
  const underWay = assertOnlyUnderWay(report, kill);
  t.diagnostic(`${report.sent} visits, ${report.failures.length} failed of ${underWay} under way`);
};

export interface DynoKill {
  readonly path: string;
  readonly perSecond: number;
  readonly seconds: number;
  /** Its process as this machine counts. */
  readonly pidOf: (dyno: Answer) => Promise<number>;
}

/** kill -9 of one of two dynos under load: only its requests under way may fail, the other stays, and it is replaced. */
export const killOneOfTwoDynos = async (
  site: TinySite,
  { path, perSecond, seconds, pidOf }: DynoKill,
  t: TestContext,
): Promise<void> => {
  const [victim, other] = await site.dynos(2);
  assert.ok(victim && other);
  let kill: Span = { fromMs: 0, toMs: 0 };
  const report = await site.underLoad(
    seconds,
    async (load) => {
      kill = await killUnder(load, 'a dyno', await pidOf(victim));
      const now = await site.dynos(2, [victim.pid]);
      assert.deepEqual(
        now.map(({ dyno }) => dyno),
        ['web.1', 'web.2'],
      );
      assert.ok(now.some(({ pid }) => pid === other.pid));
    },
    { path, perSecond },
  );
  const underWay = assertOnlyUnderWay(report, kill);
  assert.ok(report.failures.length <= underWay / 2 + 2, describeFailures(report));
  t.diagnostic(`${report.sent} visits, ${report.failures.length} failed of ${underWay} under way`);
};
