import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ApiClient, apiClient } from './testing/api-client.ts';
import { startTestPlatform, type TestPlatform } from './testing/test-platform.ts';

let platform: TestPlatform;
let alice: ApiClient;
let bob: ApiClient;

before(async () => {
  platform = await startTestPlatform();
  alice = apiClient(platform.url, (await platform.account('alice@example.com')).token);
  bob = apiClient(platform.url, (await platform.account('bob@example.com')).token);
});
after(() => platform.close());

/** What stands at a path of keys in JSON. */
const read = (value: unknown, ...keys: readonly string[]): unknown =>
  keys.reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined), value);

test('audit events say who changed the plan of an add-on, and to whom an app was offered', async () => {
  await alice('POST', '/apps', { name: 'growing' });
  const made = await alice('POST', '/apps/growing/addons', { plan: 'memcachier:dev' });
  const changed = await alice('PATCH', `/apps/growing/addons/${made.body.name}`, { plan: 'memcachier:100' });
  assert.equal(changed.status, 200, changed.text);
  await alice('POST', '/account/app-transfers', { app: 'growing', recipient: 'bob@example.com' });
  const { list } = await alice('GET', '/apps/growing/audit-events?limit=200');
  const plan = list.find((event) => {
    const changed = read(event, 'data', 'changed');
    return event.resource === 'addon' && Array.isArray(changed) && changed.includes('plan');
  });
  assert.equal(read(plan, 'actor', 'email'), 'alice@example.com');
  const offer = list.find(({ resource }) => resource === 'app-transfer');
  assert.deepEqual([read(offer, 'data', 'recipient'), read(offer, 'data', 'state')], ['bob@example.com', 'pending']);
  const { list: seen } = await bob('GET', '/audit-events?resource=app-transfer&limit=1');
  assert.equal(read(seen[0], 'app', 'name'), 'growing');
});
