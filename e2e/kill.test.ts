import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { killOneOfTwoDynos, killRouterWorker, moreLines, withWholeLog } from './harness/kill-stories.ts';
import { killUnder } from './harness/kill-under.ts';
import { describeFailures } from './harness/load.ts';
import { TinySite } from './harness/tiny-site.ts';

/** How long each load lasts; `npm run bench -- kills` takes longer ones, at a higher rate. */
const seconds = Number(process.env.RAVINE_LOAD_SECONDS ?? 8);

let site: TinySite;
before(async () => {
  site = await TinySite.open({ dynos: 2, chatty: true });
});
after(() => site[Symbol.asyncDispose]());

test('kill -9 of control costs no request and no log line, and the API is back by itself', async (t) => {
  let sent = 0;
  const lines = await withWholeLog(site, async (tail) => {
    const report = await site.underLoad(seconds, async (load) => {
      const { control } = await site.machine.processes();
      await killUnder(load, 'control', control.pid);
      await site.machine.apiAnswers();
      await moreLines(tail, 100);
    });
    assert.equal(report.failures.length, 0, describeFailures(report));
    sent = report.sent;
  });
  t.diagnostic(`${sent} visits, ${lines} lines`);
});

test('kill -9 of a router worker costs at most the requests that were under way', (t) =>
  killRouterWorker(site, seconds, t));

const rate = Number(process.env.RAVINE_LOAD_RATE ?? 200);
for (const [path, perSecond] of [
  ['/', rate],
  ['/slow', rate / 5],
] as const) {
  test(`kill -9 of one of two dynos costs at most the requests under way on ${path}, and it is restarted`, (t) =>
    killOneOfTwoDynos(site, { path, perSecond, seconds, pidOf: async ({ pid }) => pid }, t));
}

test('after a kill -9 of all of Ravine a start adopts the dynos, and no request fails from then on', async (t) => {
  const before = await site.dynos(2);
  await site.machine.killAll();
  await site.machine.start();
  const report = await site.underLoad(seconds, async () => {
    assert.deepEqual(await site.dynos(2), before);
  });
  assert.equal(report.failures.length, 0, describeFailures(report));
  t.diagnostic(`${report.sent} visits, pids ${before.map(({ pid }) => pid).join(' ')} before and after`);
});

test('a build under way at a kill -9 of control is reported as failed with the reason, and the push can be repeated', async () => {
  const { member, app, name, machine } = site;
  const manifest = (build: string): Record<string, string> => ({
    'package.json': JSON.stringify({ name: 'tiny', version: '1.0.0', private: true, scripts: { build } }),
  });
  await app.commit('v2', manifest('node -e "console.log(\'build is under way\'); setTimeout(() => {}, 60000)"'));
  const { control } = await machine.processes();
  let killed = false;
  const interrupted = await member.push(name, app.folder, (soFar) => {
    if (soFar.includes('build is under way') && !killed) killed = process.kill(control.pid, 'SIGKILL');
  });
  assert.notEqual(interrupted.status, 0, interrupted.output);
  await machine.apiAnswers();
  const builds = await member.call<{ status: string; created_at: string }[]>('GET', `/apps/${name}/builds`);
  const newest = builds.toSorted((a, b) => a.created_at.localeCompare(b.created_at)).at(-1);
  assert.equal(newest?.status, 'failed');
  const session = await member.call<{ logplex_url: string }>('POST', `/apps/${name}/log-sessions`, {
    lines: 100,
    dyno: 'api',
  });
  const log = await (await fetch(session.logplex_url)).text();
  assert.match(log, /Build failed -- Ravine was restarted during this build\. Push again\./);
  assert.equal((await site.visit())?.version, 'v1');
  await app.commit('v2', manifest('true'));
  await site.push();
  await site.shows('v2');
});

test('kill -9 of the store costs no request; meanwhile the API waits or says 503 with Retry-After, and is back by itself', async (t) => {
  const { member, machine, name } = site;
  await site.dynos(2);
  const statuses = new Map<number, number>();
  const report = await site.underLoad(seconds, async (load) => {
    await killUnder(load, 'the store', await machine.storePid());
    for (let good = 0; good < 20; ) {
      const response = await member.ask('GET', `/apps/${name}/dynos`);
      const { status } = response;
      await response.text();
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
      assert.ok(status === 200 || status === 503, `the API answered ${status}`);
      if (status === 503) assert.ok(response.headers.get('retry-after'), 'a 503 says when to come back');
      good = status === 200 ? good + 1 : 0;
    }
  });
  assert.equal(report.failures.length, 0, describeFailures(report));
  await site.scale(1);
  await site.dynos(1);
  t.diagnostic(
    `${report.sent} visits; API: ${[...statuses].map(([status, times]) => `${times} x ${status}`).join(', ')}`,
  );
});
