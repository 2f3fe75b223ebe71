import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ApiClient, apiClient } from './testing/api-client.ts';
import { startTestPlatform, type TestPlatform } from './testing/test-platform.ts';

let platform: TestPlatform;
let ada: ApiClient;
let bob: ApiClient;
let name: string;

before(async () => {
  platform = await startTestPlatform();
  ada = apiClient(platform.url, (await platform.account('ada@example.com')).token);
  bob = apiClient(platform.url, (await platform.account('bob@example.com')).token);
  await ada('POST', '/apps', { name: 'first-app' });
  await ada('POST', '/apps', { name: 'second-app' });
  const made = await ada('POST', '/apps/first-app/addons', {
    plan: { name: 'heroku-postgresql:hobby-dev' },
    attachment: {},
  });
  assert.equal(made.status, 201);
  name = String(made.body.name);
});

after(async () => {
  await platform.close();
  assert.deepEqual(platform.faults, []);
});

test('a created add-on is answered when it is there, with its config vars and the words that the client prints', async () => {
  const { body } = await ada('GET', `/apps/first-app/addons/${name}`);
  assert.deepEqual(
    [body.state, body.config_vars, (body.plan as { name: string }).name],
    ['provisioned', ['DATABASE_URL'], 'heroku-postgresql:hobby-dev'],
  );
  assert.match(name, /^postgresql-[a-z]+-\d{5}$/);
  assert.deepEqual(Object.keys((await ada('GET', '/apps/first-app/config-vars')).body), ['DATABASE_URL']);
  const second = await ada('POST', '/apps/first-app/addons', { plan: 'heroku-postgresql' });
  assert.match(String(second.body.provision_message), /Database has been created and is available/);
  assert.match(String((second.body.config_vars as string[])[0]), /^HEROKU_POSTGRESQL_[A-Z]+_URL$/);
  assert.equal(
    (await ada('DELETE', `/apps/first-app/addons/${second.body.id}`, { force: false })).body.state,
    'deprovisioned',
  );
});

test('config vars of attachments can not be set or unset by hand', async () => {
  for (const value of ['x', null]) {
    const answer = await ada('PATCH', '/apps/first-app/config-vars', { DATABASE_URL: value });
    assert.deepEqual([answer.status, answer.body.message], [422, 'Cannot overwrite attachment values DATABASE_URL.']);
  }
});

test('an unknown plan, a bad name and a taken attachment name are refused in words', async () => {
  const refused: [object, number, RegExp][] = [
    [{ plan: 'nope' }, 404, /Couldn't find either the add-on service or the add-on plan of "nope"/],
    [{ plan: 'heroku-postgresql:nope' }, 404, /add-on plan/],
    [{}, 422, /plan is required/],
    [{ plan: 'heroku-postgresql', name: 'Bad Name' }, 422, /name: expected lowercase/],
    [{ plan: 'heroku-postgresql', name }, 422, /already taken/],
    [{ plan: 'heroku-postgresql', attachment: { name: 'database' } }, 422, /taken by another attachment/],
    [{ plan: 'heroku-postgresql', attachment: { name: '1x' } }, 422, /not valid/],
  ];
  for (const [body, status, message] of refused) {
    const answer = await ada('POST', '/apps/first-app/addons', body);
    assert.equal(answer.status, status, JSON.stringify(body));
    assert.match(String(answer.body.message), message);
  }
  assert.equal((await ada('GET', '/apps/first-app/addons')).list.length, 1);
});

test('an add-on is found by name, id, attachment, config var, app::attachment and service', async () => {
  const id = String((await ada('GET', `/addons/${name}`)).body.id);
  const asked: [string, string | null][] = [
    [name, null], [id, null], [name, 'second-app'], [name, 'first-app'], ['DATABASE', 'first-app'], ['database_url', 'first-app'],
    ['first-app::DATABASE', null], ['first-app::DATABASE', 'second-app'], ['heroku-postgresql', 'first-app'],
  ]; // biome-ignore format: a table
  for (const [addon, app] of asked) {
    const found = await ada('POST', '/actions/addons/resolve', { addon, app, addon_service: 'heroku-postgresql' });
    assert.deepEqual(
      found.list.map((one) => one.id),
      [id],
      `${addon} on ${app}`,
    );
  }
  for (const [addon, app] of [
    ['nope', null],
    ['DATABASE', null],
    ['DATABASE', 'second-app'],
  ]) {
    const missing = await ada('POST', '/actions/addons/resolve', { addon, app });
    assert.deepEqual([missing.status, missing.body.resource], [404, 'add_on'], `${addon} on ${app}`);
  }
  assert.equal((await bob('POST', '/actions/addons/resolve', { addon: name, app: null })).status, 404);
  assert.equal((await bob('GET', `/addons/${name}`)).status, 404);
  assert.equal((await bob('GET', `/addons/${name}/config`)).status, 404);
});

test('attaching elsewhere, replacing with confirmation, resolving and detaching', async () => {
  const made = await ada('POST', '/addon-attachments', {
    addon: { name },
    app: { name: 'second-app' },
    namespace: null,
  });
  assert.deepEqual([made.status, made.body.name, made.body.config_vars], [201, 'DATABASE', ['DATABASE_URL']]);
  for (const reference of ['DATABASE_URL', 'DATABASE', 'second-app::DATABASE', name, String(made.body.id)]) {
    const found = await ada('POST', '/actions/addon-attachments/resolve', {
      addon_attachment: reference,
      app: 'second-app',
      addon_service: 'heroku-postgresql',
    });
    assert.deepEqual(
      found.list.map((one) => one.id),
      [made.body.id],
      reference,
    );
  }
  const missing = await ada('POST', '/actions/addon-attachments/resolve', {
    addon_attachment: 'NOPE',
    app: 'second-app',
  });
  assert.deepEqual([missing.status, missing.body.resource], [404, 'add_on attachment']);

  const other = await ada('POST', '/apps/second-app/addons', {
    plan: 'heroku-postgresql',
    attachment: { name: 'OTHER' },
  });
  const promote = { addon: { name: other.body.name }, app: { name: 'second-app' }, name: 'DATABASE', namespace: null };
  const asks = await ada('POST', '/addon-attachments', promote);
  assert.deepEqual([asks.status, asks.body.id], [422, 'confirmation_required']);
  assert.equal((await ada('POST', '/addon-attachments', { ...promote, confirm: 'second-app' })).status, 201);
  const config = (await ada('GET', '/apps/second-app/config-vars')).body;
  assert.equal(config.DATABASE_URL, config.OTHER_URL);

  const attachment = await ada('GET', '/apps/second-app/addon-attachments/OTHER');
  assert.equal((await bob('DELETE', `/addon-attachments/${attachment.body.id}`)).status, 404);
  assert.equal((await ada('DELETE', `/addon-attachments/${attachment.body.id}`)).status, 200);
  assert.deepEqual(Object.keys((await ada('GET', '/apps/second-app/config-vars')).body), ['DATABASE_URL']);
});

test('a database that can not be made is an error with its reason, and leaves nothing behind', async () => {
  platform.failProvisioning = 'there is no room on the disk';
  const answer = await ada('POST', '/apps/first-app/addons', { plan: 'heroku-postgresql', name: 'doomed-database' });
  platform.failProvisioning = undefined;
  assert.equal(answer.status, 503);
  assert.match(String(answer.body.message), /no room on the disk/);
  assert.equal((await ada('GET', '/apps/first-app/addons')).list.length, 1);
  assert.deepEqual(Object.keys((await ada('GET', '/apps/first-app/config-vars')).body), ['DATABASE_URL']);
  platform.faults.length = 0; // the provider's own failures, told to the platform's log
});

test('an add-on that other apps have attached is destroyed only when that is forced, as the client asks', async () => {
  const made = await ada('POST', '/apps/first-app/addons', { plan: 'heroku-postgresql', name: 'shared-database' });
  const shared = { addon: 'shared-database', app: 'second-app', name: 'SHARED' };
  assert.equal((await ada('POST', '/addon-attachments', shared)).status, 201);
  // As lib/addons/destroy-addon of the heroku CLI sends it.
  const { id, app } = made.body as { id: string; app: { id: string } };
  const destroy = (force: boolean) => ada('DELETE', `/apps/${app.id}/addons/${id}`, { force });
  const refused = await destroy(false);
  assert.deepEqual([refused.status, refused.body.id], [422, 'invalid_params']);
  assert.match(
    String(refused.body.message),
    /must be detached from all other apps before destroying: second-app\. .*--force/,
  );
  assert.equal((await ada('DELETE', `/addons/${id}`)).status, 422);
  assert.ok('SHARED_URL' in (await ada('GET', '/apps/second-app/config-vars')).body);
  assert.equal((await destroy(true)).body.state, 'deprovisioned');
  assert.equal('SHARED_URL' in (await ada('GET', '/apps/second-app/config-vars')).body, false);
});

test('a database takes another plan of its service, by name alone, and no plan of another one', async () => {
  const made = await ada('POST', '/apps/first-app/addons', { plan: 'heroku-postgresql', name: 'growing-database' });
  const change = (plan: string) => ada('PATCH', `/apps/first-app/addons/${made.body.id}`, { plan: { name: plan } });
  for (const plan of ['heroku-postgresql:standard-0', 'essential-1']) {
    const { status, body } = await change(plan);
    assert.deepEqual([status, (body.plan as { name: string }).name.endsWith(plan)], [200, true]);
  }
  assert.match(String((await change('heroku-redis:mini')).body.message), /expected a plan of heroku-postgresql/);
  await ada('DELETE', `/apps/first-app/addons/${made.body.id}`, { force: false });
});

test('an app has no maintenance of its data, and its add-ons tell how much they have', async () => {
  const { body: app } = await ada('GET', '/apps/first-app');
  assert.deepEqual((await ada('GET', `/data/maintenances/v1/apps/${app.id}`)).body, { maintenances: [] });
  const one = await ada('GET', `/data/maintenances/v1/${name}`);
  assert.deepEqual([one.body.status, one.body.scheduled_for], ['none', null]);
  for (const path of ['history/?limit=5', 'history?limit=5']) {
    assert.deepEqual((await ada('GET', `/data/maintenances/v1/${name}/${path}`)).body, { maintenances: [] });
  }
  assert.match(String((await ada('GET', `/data/maintenances/v1/${name}/window`)).body.window), /^none/);
  for (const path of ['run', 'schedule', 'window']) {
    const refused = await ada('POST', `/data/maintenances/v1/${name}/${path}`, {});
    assert.deepEqual([refused.status, refused.body.id], [422, 'invalid_params']);
  }
  assert.equal((await bob('GET', `/data/maintenances/v1/${name}`)).status, 404);
  const redis = await ada('POST', '/apps/first-app/addons', { plan: 'heroku-redis:mini' });
  const usage = await ada('GET', '/apps/first-app/usage');
  const found = (usage.body.addons as { id: string; meters: object }[]).find(({ id }) => id === redis.body.id);
  assert.deepEqual(Object.keys(found?.meters ?? {}), ['bytes', 'connections', 'keys']);
  assert.equal((await bob('GET', '/apps/first-app/usage')).status, 404);
  await ada('DELETE', `/apps/first-app/addons/${redis.body.id}`, { force: false });
});
