import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ensureEngine } from '../scripts/engine.ts';
import { killOneOfTwoDynos, killRouterWorker, moreLines, withWholeLog } from './harness/kill-stories.ts';
import { killUnder } from './harness/kill-under.ts';
import { describeFailures } from './harness/load.ts';
import { PrivateEngine } from './harness/private-engine.ts';
import type { Tail } from './harness/tail.ts';
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

test('kill -9 of control, and then of the store, costs no request and no log line of containers', async (t) => {
  const before = await site.dynos(2);
  let sent = 0;
  const lines = await withWholeLog(site, async (tail) => {
    const report = await site.underLoad(seconds, async (load) => {
      await killUnder(load, 'control', (await site.machine.processes()).control.pid);
      await site.machine.apiAnswers();
      await moreLines(tail, 100);
      await killUnder(load, 'the store', await site.machine.storePid());
      while ((await site.member.ask('GET', `/apps/${site.name}/dynos`)).status !== 200) await sleep(20);
    });
    assert.equal(report.failures.length, 0, describeFailures(report));
    sent = report.sent;
  });
  assert.deepEqual(await site.dynos(2), before);
  t.diagnostic(`${sent} visits, ${lines} lines`);
});

test('kill -9 of a router worker costs at most the requests that were under way', (t) =>
  killRouterWorker(site, seconds, t));

test('kill -9 of one of two containers costs at most the requests under way in it, and it is replaced', (t) =>
  killOneOfTwoDynos(site, { path: '/slow', perSecond: 40, seconds, pidOf }, t));

test('after a kill -9 of all of Ravine a start adopts the containers, without a log line lost or repeated', async (t) => {
  const before = await site.dynos(2);
  let sent = 0;
  const lines = await withWholeLog(site, async () => {
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
  test(`an engine that is ended by ${signal} and started again costs no request, no container and no line of its log`, async (t) => {
    const before = await site.dynos(2);
    const [first] = before;
    assert.ok(first);
    let sent = 0;
    const act = async (tail: Tail): Promise<void> => {
      const report = await site.underLoad(seconds, async (load) => {
        await engine.kill(signal);
        // The reconciler looks several times in between.
        await load.answers(1000);
        await engine.up();
        await moreLines(tail, 200);
      });
      assert.equal(report.failures.length, 0, describeFailures(report));
      sent = report.sent;
    };
    const lines = await withWholeLog(site, act, () => engine.docker('logs', containerOf(first)));
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
