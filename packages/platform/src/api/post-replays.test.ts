import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { replays } from '../store/replays.ts';
import { type ApiAnswer, type ApiClient, apiClient } from './testing/api-client.ts';
import { droppingProxy } from './testing/dropping-proxy.ts';
import { joinTestPlatform, startTestPlatform, type TestPlatform } from './testing/test-platform.ts';

let platform: TestPlatform;
let ada: ApiClient;
let token: string;

before(async () => {
  platform = await startTestPlatform();
  token = (await platform.account('ada@example.com')).token;
  ada = apiClient(platform.url, token);
});

after(async () => {
  await platform.close();
  assert.deepEqual(platform.faults, []);
});

const countApps = async (): Promise<number> => (await ada('GET', '/apps')).list.length;

/** As the official client: the same request with the same Request-Id until there is an answer. */
const persist = async (
  url: string,
  path: string,
  body: object,
  headers: Record<string, string>,
): Promise<ApiAnswer> => {
  const client = apiClient(url, token);
  for (let attempt = 1; ; attempt++) {
    try {
      return await client('POST', path, body, { connection: 'close', ...headers });
    } catch (error) {
      if (attempt === 5) throw error;
    }
  }
};

for (const drop of ['before', 'after'] as const) {
  test(`a POST sent again because its connection broke ${drop} the answer makes one app`, async () => {
    const earlier = await countApps();
    const proxy = await droppingProxy(platform.port, drop, 2);
    const answer = await persist(proxy.url, '/apps', {}, { 'request-id': randomUUID() });
    await proxy.close();
    assert.equal(proxy.dropped(), 2);
    assert.equal(answer.status, 201);
    assert.equal(await countApps(), earlier + 1);
  });
}

test('a connection broken before the answer is survived without a Request-Id too', async () => {
  const earlier = await countApps();
  const proxy = await droppingProxy(platform.port, 'before', 1);
  assert.equal((await persist(proxy.url, '/apps', {}, {})).status, 201);
  await proxy.close();
  assert.equal(await countApps(), earlier + 1);
});

test('the answer to a repeated request is the same byte for byte', async () => {
  const headers = { 'request-id': randomUUID() };
  const first = await ada('POST', '/apps', { name: 'said-once' }, headers);
  const second = await ada('POST', '/apps', { name: 'said-once' }, headers);
  assert.deepEqual([second.status, second.text], [first.status, first.text]);
});

test('requests of their own are not taken for repeats', async () => {
  const earlier = await countApps();
  await ada('POST', '/apps', {});
  await ada('POST', '/apps', {});
  await ada('POST', '/apps', {}, { 'request-id': randomUUID() });
  await ada('POST', '/apps', {}, { 'request-id': randomUUID() });
  await Promise.all(Array.from({ length: 4 }, () => ada('POST', '/apps', {})));
  assert.equal(await countApps(), earlier + 8);
});

test('what a dead process left half-way is finished by the next one and made once', async () => {
  const headers = { 'request-id': randomUUID() };
  const earlier = await countApps();
  const first = await ada('POST', '/apps', { name: 'made-by-the-dead' }, headers);
  // As if the process had died between making the app and noting its answer.
  await platform.services.db
    .updateTable('replays')
    .set({ status: null, body: null })
    .where('status', '=', 201)
    .execute();
  const next = await joinTestPlatform(platform.store, {}, async () => {});
  const again = await apiClient(next.url, token)('POST', '/apps', { name: 'made-by-the-dead' }, headers);
  await next.close();
  assert.deepEqual([again.status, again.body.id], [201, first.body.id]);
  assert.equal(await countApps(), earlier + 1);
});

test('no answer rests readable in the store, and none that holds a token at all', async () => {
  const headers = { 'request-id': randomUUID() };
  await ada('POST', '/apps', { name: 'sealed-answer' }, headers);
  const basic = `Basic ${btoa('ada@example.com:password of ada@example.com')}`;
  const login = { description: 'x' };
  const first = await apiClient(platform.url)('POST', '/oauth/authorizations', login, {
    ...headers,
    authorization: basic,
  });
  const second = await apiClient(platform.url)('POST', '/oauth/authorizations', login, {
    ...headers,
    authorization: basic,
  });
  assert.equal(second.text, first.text);
  const rows = await platform.services.db.selectFrom('replays').selectAll().execute();
  assert.equal(
    rows.some((row) => row.body?.includes('sealed-answer') === true || row.body?.includes('HRKU-') === true),
    false,
  );
  assert.equal(rows.length > 0, true);
});

test('an answer older than a minute is not given again', async () => {
  const headers = { 'request-id': randomUUID() };
  await ada('POST', '/apps', { name: 'long-ago' }, headers);
  const { db } = platform.services;
  await db
    .updateTable('replays')
    .set({ createdAt: new Date(Date.now() - 61_000) })
    .execute();
  assert.equal((await ada('POST', '/apps', { name: 'long-ago' }, headers)).status, 422);
  await replays.removeOlderThan(db, new Date());
});
