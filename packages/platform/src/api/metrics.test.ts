import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { type ApiClient, apiClient } from './testing/api-client.ts';
import { releaseCode } from './testing/released-app.ts';
import { startTestPlatform, type TestPlatform } from './testing/test-platform.ts';

let platform: TestPlatform;
let alice: ApiClient;

before(async () => {
  platform = await startTestPlatform();
  alice = apiClient(platform.url, (await platform.account('alice@example.com')).token);
});
after(() => platform.close());

/** What stands at a path of keys in JSON. */
const read = (value: unknown, ...keys: readonly string[]): unknown =>
  keys.reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined), value);

test('a release stays marked in the metrics however often dynos start, come up and crash after it', async () => {
  const { db } = platform.services;
  await alice('POST', '/apps', { name: 'restless' });
  await releaseCode(platform, alice, 'restless');
  await alice('PATCH', '/apps/restless', { maintenance: true });
  for (const state of ['starting', 'up']) {
    await sql`INSERT INTO events (resource, action, app_id, audit, data)
      SELECT 'dyno', 'update', apps.id, false,
        jsonb_build_object('kind', 'formation', 'state', ${state}::text, 'changed', '["state"]'::jsonb)
      FROM apps, generate_series(1, 1100) WHERE apps.name = 'restless'`.execute(db);
  }
  const { body } = await alice('GET', '/apps/restless/metrics?range=2h');
  assert.ok(Array.isArray(body.marks));
  const kinds = body.marks.map((mark) => `${read(mark, 'resource')} ${read(mark, 'data', 'state') ?? ''}`.trim());
  assert.equal(kinds.filter((kind) => kind === 'dyno up').length, 1000);
  assert.ok(kinds.includes('release') && kinds.includes('app'));
  assert.ok(!kinds.includes('dyno starting'));
});
