import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppId } from '../domain/ids.ts';
import { appId, ask, snapshotOf, startDyno, startRouter } from './router.fixture.ts';

test('a wildcard stands for one label, and an exact name wins', async () => {
  await using dyno = await startDyno((_incoming, response) => response.end('shop'));
  await using exact = await startDyno((_incoming, response) => response.end('exact'));
  const routes = snapshotOf([dyno.dyno]);
  const other = { ...snapshotOf([exact.dyno]).apps[appId], id: 'app-2' as AppId }; // a readable id
  await using router = await startRouter({
    ...routes,
    apps: {
      ...routes.apps,
      'app-2': { name: 'other', state: 'up', maintenance: false, dynos: [exact.dyno], ...other },
    },
    hosts: { '*.example.com': appId, 'www.example.com': 'app-2' as AppId }, // as above
  });
  const at = async (host: string) =>
    ask(router.port, { host }).then(({ status, body }) => (status === 200 ? body : status));
  assert.equal(await at('a.example.com'), 'shop');
  assert.equal(await at('A.Example.com:8080'), 'shop');
  assert.equal(await at('www.example.com'), 'exact');
  assert.equal(await at('a.b.example.com'), 404);
  assert.equal(await at('example.com'), 404);
});

test('the question of a certificate authority is answered for every host, app or none', async () => {
  await using router = await startRouter({
    ...snapshotOf([], { maintenance: true }),
    acmeTokens: { tok_en: 'tok_en.thumbprint' },
  });
  for (const host of ['shop.test', 'new.test']) {
    const { status, body } = await ask(router.port, { host, path: '/.well-known/acme-challenge/tok_en' });
    assert.equal(status, 200);
    assert.equal(body, 'tok_en.thumbprint');
  }
  assert.equal((await ask(router.port, { path: '/.well-known/acme-challenge/other' })).status, 503);
  assert.equal(
    (await ask(router.port, { host: 'new.test', path: '/.well-known/acme-challenge/toString' })).status,
    404,
  );
});
