import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ApiClient, apiClient } from './testing/api-client.ts';
import { startTestPlatform, type TestPlatform } from './testing/test-platform.ts';

let platform: TestPlatform;
let ada: ApiClient;
let bob: ApiClient;
let eve: ApiClient;

before(async () => {
  platform = await startTestPlatform();
  const client = async (email: string) => apiClient(platform.url, (await platform.account(email)).token);
  [ada, bob, eve] = [await client('ada@example.com'), await client('bob@example.com'), await client('eve@example.com')];
  await ada('POST', '/apps', { name: 'gift' });
});

after(async () => {
  await platform.close();
  assert.deepEqual(platform.faults, []);
});

const offer = (to: string) => ada('POST', '/account/app-transfers', { app: 'gift', recipient: to });

test('an app is offered by its owner only, to somebody with an account, to one at a time', async () => {
  assert.equal((await offer('nobody@example.com')).status, 404);
  assert.match(String((await offer('ada@example.com')).body.message), /yours already/);
  const stranger = await eve('POST', '/account/app-transfers', { app: 'gift', recipient: 'eve@example.com' });
  assert.equal(stranger.status, 404);
  const made = await offer('bob@example.com');
  assert.deepEqual([made.status, made.body.state], [201, 'pending']);
  assert.equal((await offer('bob@example.com')).body.id, made.body.id, 'the same offer again is the same');
  assert.match(String((await offer('eve@example.com')).body.message), /already offered/);
});

test('only the two know of an offer, and only its recipient takes it', async () => {
  assert.equal((await eve('GET', '/account/app-transfers/gift')).status, 404);
  assert.equal((await bob('GET', '/apps/gift')).status, 404, 'an offer gives no access');
  assert.equal((await ada('PATCH', '/account/app-transfers/gift', { state: 'accepted' })).status, 403);
  assert.equal((await bob('PATCH', '/account/app-transfers/gift', { state: 'maybe' })).status, 422);
  assert.equal((await bob('DELETE', '/account/app-transfers/gift')).status, 403);
});

test('a declined offer changes nothing, and another can be made; one that was taken back is gone', async () => {
  assert.equal((await bob('PATCH', '/account/app-transfers/gift', { state: 'declined' })).body.state, 'declined');
  assert.equal((await bob('GET', '/apps/gift')).status, 404);
  const { body } = await offer('eve@example.com');
  assert.equal((await ada('DELETE', `/account/app-transfers/${body.id}`)).status, 200);
  assert.equal((await eve('PATCH', `/account/app-transfers/${body.id}`, { state: 'accepted' })).status, 404);
});

test('an accepted app belongs to its recipient, and who gave it stays as a collaborator; it is accepted once', async () => {
  await ada('POST', '/apps/gift/collaborators', { user: 'bob@example.com' });
  const { body } = await offer('bob@example.com');
  assert.equal((await bob('PATCH', `/account/app-transfers/${body.id}`, { state: 'accepted' })).body.state, 'accepted');
  assert.equal((await bob('PATCH', `/account/app-transfers/${body.id}`, { state: 'accepted' })).status, 422);
  const people = (await bob('GET', '/apps/gift/collaborators')).body as unknown as {
    role: string;
    user: { email: string };
  }[];
  assert.deepEqual(people.map(({ role, user }) => [role, user.email]).sort(), [
    ['collaborator', 'ada@example.com'],
    ['owner', 'bob@example.com'],
  ]);
  assert.equal((await ada('DELETE', '/apps/gift')).status, 403);
  const noted = (await bob('GET', '/apps/gift/audit-events')).body as unknown as {
    resource: string;
    data: { state: string };
    actor: { email: string };
  }[];
  const last = noted.find(({ resource }) => resource === 'app-transfer');
  assert.deepEqual([last?.data.state, last?.actor.email], ['accepted', 'bob@example.com']);
});

test('who got an app may give it back; both see all that was offered', async () => {
  const back = await bob('POST', '/account/app-transfers', { app: 'gift', recipient: 'ada@example.com' });
  assert.equal(back.status, 201);
  assert.equal((await ada('PATCH', '/account/app-transfers/gift', { state: 'accepted' })).status, 200);
  assert.deepEqual(
    ((await ada('GET', '/account/app-transfers')).body as unknown as { state: string }[])
      .map(({ state }) => state)
      .sort(),
    ['accepted', 'accepted', 'declined'],
  );
});

test("apps' states tell health and newest release of every app that one can see, and of no other", async () => {
  const states = (await ada('GET', '/app-states')).body as unknown as object[];
  assert.equal(states.length, 1);
  const [{ name, health, dynos, release }] = states as [
    { name: string; health: string; dynos: { wanted: number }; release: { version: number; status: string } },
  ];
  assert.deepEqual([name, health, dynos.wanted, release.status], ['gift', 'idle', 0, 'succeeded']);
  assert.ok(release.version >= 1);
  assert.deepEqual((await eve('GET', '/app-states')).body, []);
});

test('the facts of an add-on are for those who see its app', async () => {
  const made = await ada('POST', '/apps/gift/addons', { plan: 'heroku-postgresql:essential-0' });
  const path = `/addons/${made.body.name}/facts`;
  const { status, body } = await ada('GET', path);
  assert.deepEqual([status, body.service, body.plan], [200, 'heroku-postgresql', 'heroku-postgresql:essential-0']);
  assert.deepEqual([body.size_limit, body.counts], [1024 ** 3, {}]);
  assert.equal((await eve('GET', path)).status, 404);
});
