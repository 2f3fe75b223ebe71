import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { describeFailures, type LoadReport } from './harness/load.ts';
import { type Answer, TinySite } from './harness/tiny-site.ts';

/** `npm run bench -- deploys` takes longer, more often and at a higher rate. */
const seconds = Number(process.env.RAVINE_LOAD_SECONDS ?? 8);
const rate = Number(process.env.RAVINE_LOAD_RATE ?? 200);
const times = Number(process.env.RAVINE_LOAD_TIMES ?? 10);
const scales = [4, 1, 3, 2];
const waysToRestart = 3;
/** Of scalings and restarts once round is enough, unless more is asked for. */
const roundsOf = (each: number): number => (process.env.RAVINE_LOAD_TIMES === undefined ? 1 : Math.ceil(times / each));

let site: TinySite;
before(async () => {
  site = await TinySite.open({ dynos: 2 });
});
after(() => site[Symbol.asyncDispose]());

const said = ({ sent, failures, p50Ms, p99Ms }: LoadReport): string =>
  `${sent} visits, ${failures.length} failed, p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`;

test(`${times} deploys by git push under ${rate} requests a second cost no request`, async (t) => {
  const report = await site.underLoad(seconds, async (load) => {
    for (let n = 1; n <= times; n += 1) {
      load.phase(`deploy ${n}`);
      await site.app.commit(`deploy-${n}`);
      await site.push();
      load.phase(`after the push of deploy ${n}`);
      await site.shows(`deploy-${n}`);
    }
  });
  t.diagnostic(said(report));
  assert.equal(report.failures.length, 0, describeFailures(report));
});

test(`scaling up and down under ${rate} requests a second costs no request`, async (t) => {
  const report = await site.underLoad(seconds, async (load) => {
    for (let round = 1; round <= roundsOf(scales.length); round += 1) {
      for (const web of scales) {
        load.phase(`round ${round}, scale to ${web}`);
        await site.scale(web);
        await site.dynos(web);
      }
    }
  });
  t.diagnostic(said(report));
  assert.equal(report.failures.length, 0, describeFailures(report));
});

test(`restarts of all dynos, of one, and by a config var under ${rate} requests a second cost no request`, async (t) => {
  const { member, name } = site;
  const pidsOf = (dynos: readonly Answer[]): number[] => dynos.map(({ pid }) => pid);
  const report = await site.underLoad(seconds, async (load) => {
    for (let round = 1; round <= roundsOf(waysToRestart); round += 1) {
      const first = await site.dynos(2);
      load.phase(`round ${round}, restart of all`);
      await member.call('DELETE', `/apps/${name}/dynos`);
      const second = await site.dynos(2, pidsOf(first));
      load.phase(`round ${round}, restart of web.1`);
      await member.call('DELETE', `/apps/${name}/dynos/web.1`);
      const third = await site.dynos(2, pidsOf(second.filter(({ dyno }) => dyno === 'web.1')));
      load.phase(`round ${round}, config var`);
      await member.call('PATCH', `/apps/${name}/config-vars`, { COLOUR: `green-${round}` });
      await site.dynos(2, pidsOf(third));
    }
  });
  t.diagnostic(said(report));
  assert.equal(report.failures.length, 0, describeFailures(report));
});
