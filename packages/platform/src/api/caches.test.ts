import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ApiClient, apiClient } from './testing/api-client.ts';
import { startTestPlatform, type TestPlatform } from './testing/test-platform.ts';

let platform: TestPlatform;
let ada: ApiClient;
let bob: ApiClient;

before(async () => {
  platform = await startTestPlatform();
  ada = apiClient(platform.url, (await platform.account('ada@example.com')).token);
  bob = apiClient(platform.url, (await platform.account('bob@example.com')).token);
  for (const name of ['shop', 'magazine']) await ada('POST', '/apps', { name });
  for (const [plan, name] of [
    ['memcachier', 'memcachier-1'],
    ['heroku-redis:hobby-dev', 'redis-1'],
    ['heroku-scheduler', 'scheduler-1'],
  ]) {
    assert.equal((await ada('POST', '/apps/shop/addons', { plan, name })).status, 201);
  }
});

after(async () => {
  await platform.close();
  assert.deepEqual(platform.faults, []);
});

const config = async (app: string): Promise<string[]> =>
  Object.keys((await ada('GET', `/apps/${app}/config-vars`)).body).sort();

test('each service sets the config vars that its users know, under the name of the attachment', async () => {
  assert.deepEqual(await config('shop'), [
    'MEMCACHIER_PASSWORD', 'MEMCACHIER_SERVERS', 'MEMCACHIER_USERNAME', 'REDIS_TLS_URL', 'REDIS_URL',
  ]); // biome-ignore format: a list
  const attached = await ada('POST', '/addon-attachments', { addon: 'memcachier-1', app: 'magazine', name: 'PAGES' });
  assert.equal(attached.status, 201);
  assert.deepEqual(await config('magazine'), ['PAGES_PASSWORD', 'PAGES_SERVERS', 'PAGES_USERNAME']);
});

test('an add-on goes over to another plan of its service, and to no other', async () => {
  const path = '/apps/shop/addons/memcachier-1';
  const larger = await ada('PATCH', path, { plan: { name: 'memcachier:500' } });
  assert.deepEqual([larger.status, (larger.body.plan as { name: string }).name], [200, 'memcachier:500']);
  assert.equal(((await ada('PATCH', path, { plan: 'dev' })).body.plan as { name: string }).name, 'memcachier:dev');
  const other = await ada('PATCH', path, { plan: 'heroku-redis:mini' });
  assert.match(String(other.body.message), /expected a plan of memcachier, which memcachier-1 belongs to/);
  const none = await ada('PATCH', path, { plan: 'memcachier:huge' });
  assert.equal(none.status, 404);
  assert.match(String(none.body.message), /"memcachier:huge".*Plans of memcachier: dev, 100, 250/);
  const database = await ada('POST', '/apps/shop/addons', { plan: 'memcachier:enormous' });
  assert.match(String(database.body.message), /Plans of memcachier: dev, 100/);
});

test('the data API tells of a key-value store what heroku redis:info and its like ask for', async () => {
  const { body } = await ada('GET', '/redis/v0/databases/redis-1');
  assert.deepEqual(
    [body.plan, body.prefer_native_tls, body.resource_url],
    ['hobby-dev', true, 'rediss://:p@localhost:5996'],
  );
  assert.deepEqual(
    (body.info as { name: string }[]).slice(0, 4).map(({ name }) => name),
    ['Plan', 'Status', 'Created', 'Version'],
  );
  assert.equal((await ada('GET', '/redis/v0/databases/redis-1/wait')).body['waiting?'], false);
  const changed = await ada('PATCH', '/redis/v0/databases/redis-1/config', {
    maxmemory_policy: 'allkeys-lru',
    timeout: 60,
  });
  const { maxmemory_policy: policy, timeout } = changed.body as Record<
    string,
    { value: unknown; values?: Record<string, string> }
  >;
  assert.deepEqual(
    [policy?.value, policy?.values?.['allkeys-lru'], timeout?.value],
    ['allkeys-lru', 'will remove the least recently used keys first', 60],
  );
  for (const [change, message] of [
    [{ maxmemory_policy: 'never' }, /expected one of noeviction/],
    [{ timeout: -1 }, /timeout: expected a whole number from 0/],
    [{ notify_keyspace_events: 'no!' }, /expected letters of/],
  ] as const) {
    assert.match(String((await ada('PATCH', '/redis/v0/databases/redis-1/config', change)).body.message), message);
  }
  assert.equal((await ada('POST', '/redis/v0/databases/redis-1/stats/reset', {})).status, 200);
  assert.match(
    String((await ada('POST', '/redis/v0/databases/redis-1/upgrade', { version: '8' })).body.message),
    /installed on this machine, 7\.0\.15/,
  );
  assert.equal((await bob('GET', '/redis/v0/databases/redis-1')).status, 404);
  assert.equal((await ada('GET', '/redis/v0/databases/memcachier-1')).status, 404);
});

test('credentials of a cache are made with rights, told once, and taken away; the one of the config vars stays', async () => {
  const made = await ada('POST', '/addons/memcachier-1/memcache/credentials', { can_write: false });
  assert.deepEqual([made.status, made.body.can_write, made.body.password], [201, false, 'told-once']);
  const { credentials } = (await ada('GET', '/addons/memcachier-1/memcache')).body;
  assert.deepEqual(
    (credentials as { username: string }[]).map(({ username }) => username),
    ['MAIN', made.body.username],
  );
  assert.ok(!JSON.stringify(credentials).includes('told-once'));
  const path = '/addons/memcachier-1/memcache/credentials';
  assert.match(String((await ada('DELETE', `${path}/MAIN`)).body.message), /Rotate it instead/);
  assert.equal((await ada('DELETE', `${path}/${made.body.username}`)).status, 200);
  assert.equal((await ada('DELETE', `${path}/${made.body.username}`)).status, 404);
  assert.equal((await bob('POST', path, {})).status, 404);
});

test('jobs of the scheduler are made, changed and removed; what can not be kept is refused by its field', async () => {
  const made = await ada('POST', '/apps/shop/scheduler/jobs', {
    command: 'rake tidy',
    frequency: 'daily',
    at: '04:30',
    time_zone: 'Asia/Tehran',
  });
  assert.deepEqual([made.status, made.body.size, made.body.enabled], [201, 'Basic', true]);
  assert.match(String(made.body.next_run_at), /T01:00:00Z$/);
  const path = `/apps/shop/scheduler/jobs/${made.body.id}`;
  const changed = await ada('PATCH', path, { frequency: 'hourly', at: '15', size: 'Standard-1X' });
  assert.deepEqual([changed.body.at, changed.body.size, changed.body.command], ['15', 'Standard-1X', 'rake tidy']);
  assert.equal((await ada('PATCH', path, { enabled: false })).body.next_run_at, null);
  for (const [body, message] of [
    [{ frequency: 'daily' }, /command is required/],
    [
      { command: 'x', frequency: 'weekly' },
      /frequency: expected one of every-10-minutes, hourly, daily, cron; got "weekly"/,
    ],
    [{ command: 'x', frequency: 'cron', at: '* *' }, /at: expected a cron expression of five fields/],
    [{ command: 'x', frequency: 'daily', time_zone: 'Nowhere' }, /time_zone: expected a name/],
    [{ command: 'x', frequency: 'daily', size: 'Huge' }, /Huge/],
  ] as const) {
    const answer = await ada('POST', '/apps/shop/scheduler/jobs', body);
    assert.equal(answer.status, 422, JSON.stringify(body));
    assert.match(String(answer.body.message), message);
  }
  const none = await ada('POST', '/apps/magazine/scheduler/jobs', { command: 'x', frequency: 'hourly' });
  assert.match(String(none.body.message), /heroku addons:create heroku-scheduler -a magazine/);
  assert.equal((await bob('GET', path)).status, 404);
  assert.equal((await ada('DELETE', path)).status, 200);
  assert.deepEqual((await ada('GET', '/apps/shop/scheduler/jobs')).list, []);
});
