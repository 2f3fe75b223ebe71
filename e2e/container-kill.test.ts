import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureEngine } from '../scripts/engine.ts';
import { assertOnlyUnderWay, killUnder } from './harness/kill-under.ts';
import { describeFailures, type Span } from './harness/load.ts';
import { PrivateEngine } from './harness/private-engine.ts';
import { Tail, type TailedLine } from './harness/tail.ts';
import { nodeImage } from './harness/tiny-app.ts';
import { type Answer, TinySite } from './harness/tiny-site.ts';

/** How long each load of 200 requests a second lasts at least; `npm run bench -- kills` takes more. */
const seconds = Number(process.env.RAVINE_LOAD_SECONDS ?? 5);

ensureEngine();
let engine: PrivateEngine;
let site: TinySite;
before(async () => {
  engine = await PrivateEngine.start(nodeImage);
  site = await TinySite.open({ dynos: 2, chatty: true, engine: engine.host });
});
after(async () => {
  await site[Symbol.asyncDispose]();
  await engine[Symbol.asyncDispose]();
});

const containerOf = ({ pid }: Answer): string => pid.toString(16).padStart(12, '0');
/** The container's first process, as this machine counts. */
const pidOf = async (dyno: Answer): Promise<number> =>
  Number(await engine.docker('inspect', '--format', '{{.State.Pid}}', containerOf(dyno)));

const isNumbered = ({ text }: TailedLine): boolean => /^line \d+ /.test(text);

/** Reads web.1's log while something is done; each of its lines must come once and in order. @returns how many came */
const withWholeLog = async (act: (tail: Tail) => Promise<void>): Promise<number> => {
  await using tail = await Tail.open(site.member, site.name, { dyno: 'web.1' });
  await tail.until(isNumbered);
  await act(tail);
  await tail.until(isNumbered, tail.lines.length + 100);
  const numbers = tail.lines.filter(isNumbered).map(({ text }) => Number(text.split(' ')[1]));
  const first = numbers[0] ?? 0;
  const wrong = numbers.filter((number, index) => number !== first + index);
  assert.deepEqual(wrong.slice(0, 5), [], `each line once and in order from ${first}, got ${numbers.join(' ')}`);
  return numbers.length;
};

test('kill -9 of control, and then of the store, costs no request and no log line of containers', async (t) => {
  const before = await site.dynos(2);
  let sent = 0;
  const lines = await withWholeLog(async (tail) => {
    const report = await site.underLoad(seconds, async (load) => {
      await killUnder(load, 'control', (await site.machine.processes()).control.pid);
      await site.machine.apiAnswers();
      await tail.until(isNumbered, tail.lines.length + 100);
      await killUnder(load, 'the store', await site.machine.storePid());
      while ((await site.member.ask('GET', `/apps/${site.name}/dynos`)).status !== 200) await sleep(20);
    });
    assert.equal(report.failures.length, 0, describeFailures(report));
    sent = report.sent;
  });
  assert.deepEqual(await site.dynos(2), before);
  t.diagnostic(`${sent} visits, ${lines} lines`);
});

test('kill -9 of a router worker costs at most the requests that were under way', async (t) => {
  let kill: Span = { fromMs: 0, toMs: 0 };
  const report = await site.underLoad(seconds, async (load) => {
    const [worker] = (await site.machine.processes()).routers;
    kill = await killUnder(load, 'a router worker', worker?.pid ?? 0);
    while ((await site.machine.processes()).routers.length < 2) await sleep(5);
    await load.answers(200);
  });
  const underWay = assertOnlyUnderWay(report, kill);
  t.diagnostic(`${report.sent} visits, ${report.failures.length} failed of ${underWay} under way`);
});

test('kill -9 of one of two containers costs at most the requests under way in it, and it is replaced', async (t) => {
  const [victim, other] = await site.dynos(2);
  assert.ok(victim && other);
  let kill: Span = { fromMs: 0, toMs: 0 };
  const report = await site.underLoad(
    seconds,
    async (load) => {
      kill = await killUnder(load, 'a container', await pidOf(victim));
      const now = await site.dynos(2, [victim.pid]);
      assert.deepEqual(
        now.map(({ dyno }) => dyno),
        ['web.1', 'web.2'],
      );
      assert.ok(now.some(({ pid }) => pid === other.pid));
    },
    { path: '/slow', perSecond: 40 },
  );
  const underWay = assertOnlyUnderWay(report, kill);
  assert.ok(report.failures.length <= underWay / 2 + 2, describeFailures(report));
  t.diagnostic(`${report.sent} visits, ${report.failures.length} failed of ${underWay} under way`);
});

test('after a kill -9 of all of Ravine a start adopts the containers, without a log line lost or repeated', async (t) => {
  const before = await site.dynos(2);
  let sent = 0;
  const lines = await withWholeLog(async () => {
    await site.machine.killAll();
    await site.machine.start();
    const report = await site.underLoad(seconds, async () => {
      assert.deepEqual(await site.dynos(2), before);
    });
    assert.equal(report.failures.length, 0, describeFailures(report));
    sent = report.sent;
  });
  t.diagnostic(`${sent} visits, ${lines} lines`);
});

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(`an engine that is ended by ${signal} and started again costs no request, no container and no log line`, async (t) => {
    const before = await site.dynos(2);
    let sent = 0;
    const lines = await withWholeLog(async (tail) => {
      const report = await site.underLoad(seconds, async (load) => {
        await engine.kill(signal);
        // The reconciler looks several times in between.
        await load.answers(1000);
        await engine.up();
        await tail.until(isNumbered, tail.lines.length + 200);
      });
      assert.equal(report.failures.length, 0, describeFailures(report));
      sent = report.sent;
    });
    assert.deepEqual(await site.dynos(2), before);
    t.diagnostic(`${sent} visits, ${lines} lines`);
  });
}

test('after all that the engine still does what it is told: another release, and another number of containers', async () => {
  await site.app.commit('v2');
  await site.push();
  await site.shows('v2');
  await site.scale(1);
  await site.dynos(1);
});
