import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { ask, startDyno, startRouter } from './router.fixture.ts';

test('an app that is too slow is told so at once (H11), and serves again when requests have ended', async () => {
  const held: ServerResponse[] = [];
  await using dyno = await startDyno((incoming, response) => {
    if (incoming.url === '/hold') held.push(response);
    else response.end('ok');
  });
  await using router = await startRouter([dyno.dyno], { limits: { requestsPerDyno: 2 } });
  const slow = [ask(router.port, { path: '/hold' }), ask(router.port, { path: '/hold' })];
  await router.underWay(2);
  assert.equal((await ask(router.port)).status, 503);
  assert.match((await router.logged(1))[0] ?? '', /^at=error code=H11 desc="Backlog too deep" .* dyno= connect= /);
  while (held.length < 2) await new Promise(setImmediate);
  for (const response of held) response.end('late');
  for (const { body } of await Promise.all(slow)) assert.equal(body, 'late');
  assert.equal((await ask(router.port)).body, 'ok');
});

test('an app can not take all connections of a router (H22)', async () => {
  await using dyno = await startDyno(() => undefined);
  await using router = await startRouter([dyno.dyno], { limits: { connectionsPerApp: 1 } });
  const left = ask(router.port).catch(() => undefined);
  await router.underWay(1);
  assert.equal((await ask(router.port)).status, 503);
  assert.match((await router.logged(1))[0] ?? '', /^at=error code=H22 desc="Connection limit reached"/);
  router.router.destroy();
  await left;
});
