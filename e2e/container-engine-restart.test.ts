import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ensureEngine } from '../scripts/engine.ts';
import { inEngine } from '../scripts/platform-in-engine.ts';
import { PrivateEngine } from './harness/private-engine.ts';
import { nodeImage } from './harness/tiny-app.ts';
import { TinySite } from './harness/tiny-site.ts';

ensureEngine();
const stack = new AsyncDisposableStack();
let engine: PrivateEngine;
let site: TinySite;
before(async () => {
  engine = stack.use(await PrivateEngine.start(nodeImage, { liveRestore: false }));
  process.env.DOCKER_HOST = engine.host;
  site = stack.use(await TinySite.open({ dynos: 2, engine: engine.host }));
});
after(() => stack.disposeAsync());

for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
  test(`dynos that ended with an engine without live-restore come back by themselves when it is back after ${signal}`, async () => {
    const before = await site.dynos(2);
    await engine.kill(signal);
    await engine.up();
    const back = await site.dynos(
      2,
      before.map(({ pid }) => pid),
    );
    assert.deepEqual(
      back.map(({ dyno, version }) => [dyno, version]),
      before.map(({ dyno, version }) => [dyno, version]),
    );
    const { containers, networks } = await inEngine(site.machine.dataFolder);
    assert.deepEqual([containers.length, networks.length], [2, 1]);
  });
}
