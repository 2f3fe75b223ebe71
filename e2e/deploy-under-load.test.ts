import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { describeFailures } from './harness/load.ts';
import { TinySite } from './harness/tiny-site.ts';

const seconds = Number(process.env.RAVINE_LOAD_SECONDS ?? 8);
const deploys = 10;

let site: TinySite;
before(async () => {
  site = await TinySite.open({ dynos: 2 });
});
after(() => site[Symbol.asyncDispose]());

test(`${deploys} deploys by git push under 200 requests a second cost no request`, async (t) => {
  const report = await site.underLoad(seconds, async () => {
    for (let n = 1; n <= deploys; n += 1) {
      await site.app.commit(`deploy-${n}`);
      await site.push();
      await site.shows(`deploy-${n}`);
    }
  });
  assert.equal(report.failures.length, 0, describeFailures(report));
  t.diagnostic(`${report.sent} visits, p50 ${report.p50Ms.toFixed(1)} ms, p99 ${report.p99Ms.toFixed(1)} ms`);
});

test('scaling up and down under 200 requests a second costs no request', async (t) => {
  const report = await site.underLoad(seconds, async () => {
    for (const web of [4, 1, 3, 2]) {
      await site.scale(web);
      await site.dynos(web);
    }
  });
  assert.equal(report.failures.length, 0, describeFailures(report));
  t.diagnostic(`${report.sent} visits, p99 ${report.p99Ms.toFixed(1)} ms`);
});

test('restarts of all dynos, of one, and by a config var under 200 requests a second cost no request', async (t) => {
  const { member, name } = site;
  const report = await site.underLoad(seconds, async () => {
    const first = await site.dynos(2);
    await member.call('DELETE', `/apps/${name}/dynos`);
    const second = await site.dynos(
      2,
      first.map(({ pid }) => pid),
    );
    await member.call('DELETE', `/apps/${name}/dynos/web.1`);
    const third = await site.dynos(
      2,
      second.filter(({ dyno }) => dyno === 'web.1').map(({ pid }) => pid),
    );
    await member.call('PATCH', `/apps/${name}/config-vars`, { COLOUR: 'green' });
    await site.dynos(
      2,
      third.map(({ pid }) => pid),
    );
  });
  assert.equal(report.failures.length, 0, describeFailures(report));
  t.diagnostic(`${report.sent} visits, p99 ${report.p99Ms.toFixed(1)} ms`);
});
