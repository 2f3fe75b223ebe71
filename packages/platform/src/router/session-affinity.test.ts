import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ask, snapshotOf, startDyno, startRouter } from './router.fixture.ts';

const cookieOf = (setCookie: string[] | undefined): string => setCookie?.[0]?.split(';')[0] ?? '';

test('with session affinity a visitor stays with the dyno that answered first, while it is there', async () => {
  await using one = await startDyno((_incoming, response) => response.end('web.1'), 'web.1');
  await using two = await startDyno((_incoming, response) => response.end('web.2'), 'web.2');
  await using router = await startRouter(snapshotOf([one.dyno, two.dyno], { sessionAffinity: true }));
  const first = await ask(router.port);
  assert.match(
    String(first.headers['set-cookie']),
    /^heroku-session-affinity=[\w-]{22}; Max-Age=86400; Path=\/; HttpOnly$/,
  );
  const cookie = `theme=dark; ${cookieOf(first.headers['set-cookie'])}`;
  for (let i = 0; i < 20; i++) {
    const { body, headers } = await ask(router.port, { headers: { cookie } });
    assert.equal(body, first.body);
    assert.equal(headers['set-cookie'], undefined);
  }
  const other = first.body === 'web.1' ? two : one;
  router.table.apply(snapshotOf([other.dyno], { sessionAffinity: true }));
  const moved = await ask(router.port, { headers: { cookie } });
  assert.equal(moved.body, other.dyno.name);
  assert.notEqual(cookieOf(moved.headers['set-cookie']), cookieOf(first.headers['set-cookie']));
});

test('without session affinity no cookie is set', async () => {
  await using dyno = await startDyno((_incoming, response) => response.end());
  await using router = await startRouter([dyno.dyno]);
  assert.equal((await ask(router.port)).headers['set-cookie'], undefined);
});
