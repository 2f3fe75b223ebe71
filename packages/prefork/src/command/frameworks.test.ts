import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Load } from './load.fixture.ts';
import { app, Prefork, until } from './prefork.fixture.ts';

for (const name of ['express', 'koa', 'fastify', 'hono']) {
  test(`an app of ${name} is served as it is exported, and no request fails across a reload and a stop`, async () => {
    await using prefork = await Prefork.start([app(`${name}-app`)]);
    assert.equal(await prefork.get('/ada'), `${name} ada`);
    {
      await using load = new Load(prefork.port, { clients: 4, path: '/bob' });
      await load.more(20);
      prefork.signal('SIGHUP');
      await prefork.said(/reloaded/);
      await load.more(20);
      assert.deepEqual(load.failures, []);
      assert.deepEqual([...load.bodies.keys()], [`${name} bob`]);
    }
    prefork.signal('SIGTERM');
    assert.equal(await prefork.exited, 0);
  });
}

test('a Fastify app is closed when its worker stops, after its last request', async () => {
  await using prefork = await Prefork.start([app('fastify-app'), '--graceful-timeout', '4']);
  const isClosed = (): boolean => prefork.lines.includes('the app is closed');
  let closedEarly: boolean | undefined;
  const slow = prefork.get('/slow').then((body) => {
    closedEarly = isClosed();
    return body;
  });
  await prefork.get('/ada');
  prefork.signal('SIGTERM');
  assert.equal(await slow, 'fastify slow');
  assert.equal(closedEarly, false);
  assert.equal(await prefork.exited, 0);
  await until(isClosed);
});
