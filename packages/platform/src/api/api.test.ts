import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ApiClient, apiClient } from './testing/api-client.ts';
import { releaseCode } from './testing/released-app.ts';
import { startTestPlatform, type TestPlatform } from './testing/test-platform.ts';

let platform: TestPlatform;
let ada: ApiClient;
let bob: ApiClient;
let nobody: ApiClient;
let adaToken: string;

before(async () => {
  platform = await startTestPlatform();
  adaToken = (await platform.account('ada@example.com')).token;
  ada = apiClient(platform.url, adaToken);
  bob = apiClient(platform.url, (await platform.account('bob@example.com')).token);
  nobody = apiClient(platform.url);
});

after(async () => {
  await platform.close();
  assert.deepEqual(platform.faults, []);
});

test('without a good token everything is 401, in the form the official client understands', async () => {
  for (const headers of [
    {},
    { authorization: 'Bearer undefined' },
    { authorization: 'Bearer HRKU-wrong' },
    { authorization: 'Basic Og==' },
  ]) {
    const answer = await nobody('GET', '/account', undefined, headers);
    assert.equal(answer.status, 401);
    assert.equal(answer.body.id, 'unauthorized');
  }
});

test('a token works as Bearer and as the password of Basic', async () => {
  for (const authorization of [
    `Bearer ${adaToken}`,
    `Basic ${btoa(`:${adaToken}`)}`,
    `Basic ${btoa(`heroku:${adaToken}`)}`,
  ]) {
    const answer = await nobody('GET', '/account', undefined, { authorization });
    assert.equal(answer.body.email, 'ada@example.com');
    assert.equal(answer.headers.get('ratelimit-remaining') === null, false);
    assert.match(answer.headers.get('request-id') ?? '', /^[0-9a-f-]{36}$/);
  }
});

test('e-mail and password get a token from /oauth/authorizations and open nothing else', async () => {
  const password = `Basic ${btoa('ada@example.com:password of ada@example.com')}`;
  const made = await nobody(
    'POST',
    '/oauth/authorizations',
    { description: 'laptop', expires_in: 3600, scope: ['global'] },
    { authorization: password },
  );
  assert.equal(made.status, 201);
  const token = (made.body.access_token as { token: string }).token;
  assert.equal((await apiClient(platform.url, token)('GET', '/account')).status, 200);
  assert.equal((await nobody('GET', '/account', undefined, { authorization: password })).status, 401);
  const wrong = await nobody(
    'POST',
    '/oauth/authorizations',
    {},
    { authorization: `Basic ${btoa('ada@example.com:wrong')}` },
  );
  assert.equal(wrong.status, 401);
  const listed = (await ada('GET', '/oauth/authorizations')).list.find((one) => one.id === made.body.id);
  const shown = (listed?.access_token as { token: string } | undefined)?.token ?? '';
  const [start = '', end = ''] = shown.split('**********');
  assert.equal(token.startsWith(start) && token.endsWith(end) && start.length + end.length < 20, true);
  await ada('DELETE', `/oauth/authorizations/${made.body.id}`);
  assert.equal((await apiClient(platform.url, token)('GET', '/account')).status, 401);
});

test('an app has everything that the official client reads of it', async () => {
  const made = await ada('POST', '/apps', { name: 'shape-app' });
  assert.equal(made.status, 201);
  const { body } = await ada('GET', '/apps/shape-app');
  for (const name of [
    'acm',
    'archived_at',
    'repo_size',
    'slug_size',
    'space',
    'team',
    'internal_routing',
    'released_at',
    'web_url',
    'git_url',
  ]) {
    assert.equal(name in body, true, name);
  }
  assert.deepEqual(
    {
      create_status: body.create_status,
      generation: (body.generation as { name: string }).name,
      stack: (body.stack as { name: string }).name,
    },
    { create_status: 'complete', generation: 'cedar', stack: 'heroku-24' },
  );
  assert.equal((await ada('GET', `/apps/${body.id}`)).body.name, 'shape-app');
  const random = await ada('POST', '/apps', {});
  assert.match(String(random.body.name), /^[a-z]+-[a-z]+-\d{5}$/);
});

test('bad names, regions and stacks are refused in words, and make nothing', async () => {
  const before = (await ada('GET', '/apps')).list.length;
  const refused: [object, number, RegExp][] = [
    [{ name: 'shape-app' }, 422, /^Name shape-app is already taken$/],
    [{ name: 'ab' }, 422, /too short/],
    [{ name: 'Capital' }, 422, /start with a letter/],
    [{ name: 'www' }, 422, /reserved/],
    [{ name: 7 }, 422, /name: expected a string, got 7/],
    [{ name: 'a\u0000b' }, 422, /NUL/],
    [{ region: 'mars' }, 404, /region \(mars\)/],
    [{ stack: 'cedar-14' }, 404, /stack \(cedar-14\)/],
    [{ stack: 'container' }, 422, /container stack/],
    [{ team: 'x' }, 404, /team/],
  ];
  for (const [body, status, message] of refused) {
    const answer = await ada('POST', '/apps', body);
    assert.equal(answer.status, status, JSON.stringify(body));
    assert.match(String(answer.body.message), message);
  }
  assert.equal((await ada('GET', '/apps')).list.length, before);
});

test('a name can be asked about before an app is made: the answer is the one that making it would get', async () => {
  const ask = async (name: string) => {
    const { body } = await bob('GET', `/app-names/${name}`);
    return [body.available, body.problem, body.message];
  };
  assert.deepEqual(await ask('quite-free'), [true, null, null]);
  assert.deepEqual(await ask('shape-app'), [false, 'taken', 'Name shape-app is already taken']); // of somebody else
  for (const name of ['ab', 'UPPER', 'www', 'a'.repeat(31)]) {
    const [available, problem, message] = await ask(name);
    assert.deepEqual([available, problem], [false, 'rule'], name);
    assert.equal((await ada('POST', '/apps', { name })).body.message, message);
  }
});

test('branches that were pushed are listed, and one of them can be built again by its name', async () => {
  const { list } = await ada('GET', '/apps/shape-app/branches');
  const commit = '0123456789abcdef0123456789abcdef01234567';
  assert.deepEqual(list, [{ name: 'main', commit, description: 'Sell books', committed_at: '2026-11-01T10:00:00Z' }]);
  const built = await ada('POST', '/apps/shape-app/builds', { source_blob: { ref: 'main' } });
  assert.equal(built.status, 201);
  assert.deepEqual(built.body.source_blob, { checksum: null, version: commit, version_description: 'Sell books' });
  assert.equal((await ada('POST', '/apps/shape-app/builds', { source_blob: { ref: 'gone' } })).status, 422);
});

test("someone else's app is not found, whatever one wants of it", async () => {
  const paths: [string, string, object?][] = [
    ['GET', ''], ['PATCH', '', { name: 'stolen' }], ['DELETE', ''], ['GET', '/config-vars'], ['PATCH', '/config-vars', { A: '1' }],
    ['GET', '/releases'], ['POST', '/dynos', { command: 'ls' }], ['POST', '/log-sessions', {}], ['POST', '/builds', { source_blob: { url: 'http://x/y' } }],
    ['POST', '/addons', { plan: 'heroku-postgresql' }], ['GET', '/collaborators'], ['POST', '/collaborators', { user: 'bob@example.com' }], ['DELETE', '/dynos'],
  ]; // biome-ignore format: a table
  for (const [method, path, body] of paths) {
    const theirs = await bob(method, `/apps/shape-app${path}`, body);
    const absent = await bob(method, `/apps/no-such-app${path}`, body);
    assert.equal(theirs.status, 404, `${method} ${path}`);
    assert.equal(theirs.text, absent.text);
  }
  assert.equal((await bob('GET', '/apps')).list.length, 0);
});

test('a collaborator may change the app, and only its owner may destroy, rename and share it', async () => {
  await ada('POST', '/apps', { name: 'shared-app' });
  assert.equal((await ada('POST', '/apps/shared-app/collaborators', { user: 'bob@example.com' })).status, 201);
  assert.equal((await ada('POST', '/apps/shared-app/collaborators', { user: 'bob@example.com' })).status, 422);
  assert.equal((await ada('POST', '/apps/shared-app/collaborators', { user: 'who@example.com' })).status, 404);
  assert.equal((await bob('PATCH', '/apps/shared-app/config-vars', { A: '1' })).status, 200);
  assert.deepEqual(
    (await bob('GET', '/apps')).list.map((app) => app.name),
    ['shared-app'],
  );
  assert.deepEqual((await bob('GET', '/users/~/apps')).list, []);
  for (const answer of [
    await bob('DELETE', '/apps/shared-app'),
    await bob('PATCH', '/apps/shared-app', { name: 'mine-now' }),
    await bob('POST', '/apps/shared-app/collaborators', { user: 'ada@example.com' }),
  ]) {
    assert.equal(answer.status, 403);
    assert.equal(answer.body.id, 'forbidden');
  }
  assert.deepEqual((await ada('GET', '/apps/shared-app/collaborators')).list.map((one) => one.role).sort(), [
    'collaborator',
    'owner',
  ]);
  assert.equal((await bob('DELETE', '/apps/shared-app/collaborators/bob@example.com')).status, 200);
  assert.equal((await bob('GET', '/apps/shared-app')).status, 404);
});

test('config vars: set, unset and all of them in the answer; a change that changes nothing makes no release', async () => {
  await ada('POST', '/apps', { name: 'config-app' });
  assert.deepEqual((await ada('PATCH', '/apps/config-app/config-vars', { B: 'x', A: 1 })).body, { A: '1', B: 'x' });
  await ada('PATCH', '/apps/config-app/config-vars', { A: '1', MISSING: null });
  assert.deepEqual((await ada('PATCH', '/apps/config-app/config-vars', { B: null })).body, { A: '1' });
  const releases = (await ada('GET', '/apps/config-app/releases')).list;
  assert.deepEqual(
    releases.map((release) => release.description),
    ['Initial release', 'Enable Logplex', 'Set B, A config vars', 'Remove B config vars'],
  );
  assert.deepEqual((await ada('GET', '/apps/config-app/releases/3/config-vars')).body, { A: '1', B: 'x' });
  const tooMuch = await ada('PATCH', '/apps/config-app/config-vars', { BIG: 'x'.repeat(65_536) });
  assert.equal(tooMuch.status, 422);
});

test('lists come in pages by Range, and Next-Range leads through them', async () => {
  const first = await ada('GET', '/apps/config-app/releases', undefined, { range: 'version ..; max=3, order=desc' });
  assert.equal(first.status, 206);
  assert.deepEqual(
    first.list.map((release) => release.version),
    [4, 3, 2],
  );
  assert.equal(first.headers.get('content-range'), 'version 4..2');
  const second = await ada('GET', '/apps/config-app/releases', undefined, {
    range: first.headers.get('next-range') ?? '',
  });
  assert.deepEqual(
    second.list.map((release) => release.version),
    [1],
  );
  assert.equal(second.headers.get('next-range'), null);
  assert.equal((await ada('GET', '/apps/config-app/releases', undefined, { range: 'colour ..' })).status, 416);
});

test('an ETag that the client has already is answered with 304 and nothing more', async () => {
  const first = await ada('GET', '/apps/config-app');
  const etag = first.headers.get('etag') ?? '';
  const again = await ada('GET', '/apps/config-app', undefined, { 'if-none-match': etag });
  assert.deepEqual([again.status, again.text], [304, '']);
  assert.equal((await ada('GET', '/apps/config-app', undefined, { 'if-none-match': '"other"' })).status, 200);
});

test('what can not be read is 400, 406 or 413, and an unknown endpoint 404, each with id and message', async () => {
  const answers: [Promise<{ status: number; body: Record<string, unknown> }>, number, string][] = [
    [ada('POST', '/apps', '{"name":'), 400, 'bad_request'],
    [ada('POST', '/apps', '[1]'), 400, 'bad_request'],
    [ada('GET', '/apps', undefined, { accept: 'application/vnd.heroku+json; version=2' }), 406, 'not_acceptable'],
    [ada('POST', '/apps', { name: 'x'.repeat(1024 * 1024) }), 413, 'request_too_large'],
    [ada('GET', '/no/such/thing'), 404, 'not_found'],
    [ada('PUT', '/apps/config-app', {}), 404, 'not_found'],
    [ada('GET', '/apps/%00'), 404, 'not_found'],
    [ada('GET', '/apps/config-app/builds/not-a-uuid'), 404, 'not_found'],
    [ada('GET', '/pipelines'), 404, 'not_available'],
    [ada('POST', '/apps/config-app/log-drains', { url: 'https://logs.example.com' }), 404, 'not_available'],
  ];
  for (const [answer, status, id] of answers) {
    const { body, ...rest } = await answer;
    assert.deepEqual([rest.status, body.id, typeof body.message], [status, id, 'string']);
  }
});

test('the formation scales by absolute and relative quantities, all updates or none', async () => {
  await ada('POST', '/apps', { name: 'scale-app' });
  const before = await ada('PATCH', '/apps/scale-app/formation', { updates: [{ type: 'web', quantity: '1' }] });
  assert.deepEqual([before.status, before.body.message], [404, "Couldn't find that process type (web)."]);
  await releaseCode(platform, ada, 'scale-app');
  const shown = async () =>
    (await ada('GET', '/apps/scale-app/formation')).list.map((line) => `${line.type}=${line.quantity}:${line.size}`);
  assert.deepEqual(await shown(), ['release=0:Basic', 'web=1:Basic', 'worker=0:Basic']);
  await ada('PATCH', '/apps/scale-app/formation', {
    updates: [
      { type: 'web', quantity: '+2' },
      { type: 'worker', quantity: 1, size: 'standard-2x' },
    ],
  });
  assert.deepEqual(await shown(), ['release=0:Basic', 'web=3:Basic', 'worker=1:Standard-2X']);
  for (const bad of [
    { type: 'nope', quantity: 1 },
    { type: 'worker', quantity: 'many' },
    { type: 'worker', size: 'Huge' },
    { type: 'release', quantity: 1 },
  ]) {
    const answer = await ada('PATCH', '/apps/scale-app/formation', { updates: [{ type: 'web', quantity: 0 }, bad] });
    assert.equal(answer.status >= 400, true, JSON.stringify(bad));
  }
  assert.deepEqual(await shown(), ['release=0:Basic', 'web=3:Basic', 'worker=1:Standard-2X']);
  assert.equal((await ada('PATCH', '/apps/scale-app/formation/web', { quantity: '-3' })).body.quantity, 0);
});

test('one-off dynos need code, run process types by name, and attached ones get a rendezvous with a port', async () => {
  await ada('POST', '/apps', { name: 'run-app' });
  const early = await ada('POST', '/apps/run-app/dynos', { command: 'bash', attach: true });
  assert.equal(early.status, 422);
  await releaseCode(platform, ada, 'run-app');
  const attached = await ada('POST', '/apps/run-app/dynos', {
    command: 'bash',
    attach: true,
    env: { TERM: 'xterm', COLUMNS: 80, LINES: 24 },
  });
  assert.equal(attached.status, 201);
  assert.match(String(attached.body.name), /^run\.\d{4}$/);
  assert.match(String(attached.body.attach_url), new RegExp(`^rendezvous://localhost:${platform.port}/[\\w-]{43}$`));
  const worker = await ada('POST', '/apps/run-app/dynos', {
    command: 'worker --once ; echo "\uFFFF heroku-command-exit-status: $?"',
    type: 'job',
    size: 'performance-m',
  });
  assert.deepEqual(
    [worker.body.command, worker.body.attach_url, worker.body.size],
    ['node worker.js --once', null, 'Performance-M'],
  );
  assert.match(String(worker.body.name), /^job\.\d{4}$/);
  for (const body of [
    {},
    { command: 'x', size: 'Huge' },
    { command: 'x', env: { 'A-B': '1' } },
    { command: 'x', env: 'A=1' },
    { command: 'x', type: 'a b' },
  ]) {
    assert.equal((await ada('POST', '/apps/run-app/dynos', body)).status, 422, JSON.stringify(body));
  }
  assert.equal((await ada('DELETE', `/apps/run-app/dynos/${worker.body.name}`)).status, 202);
  assert.equal((await ada('DELETE', '/apps/run-app/dynos/web.99')).status, 404);
  assert.equal((await ada('DELETE', '/apps/run-app/dynos')).status, 202);
});

test('a rollback is a new release with the old code and config, and asks for a release that has code', async () => {
  await ada('POST', '/apps', { name: 'back-app' });
  await ada('PATCH', '/apps/back-app/config-vars', { A: 'old' });
  const version = await releaseCode(platform, ada, 'back-app');
  await ada('PATCH', '/apps/back-app/config-vars', { A: 'new' });
  const releases = (await ada('GET', '/apps/back-app/releases')).list;
  const target = releases.find((release) => release.version === version);
  assert.equal(target?.eligible_for_rollback, true);
  const back = await ada('POST', '/apps/back-app/releases', { release: target?.id });
  assert.equal(back.body.description, `Rollback to v${version}`);
  assert.deepEqual((await ada('GET', '/apps/back-app/config-vars')).body, { A: 'old' });
  assert.equal((await ada('POST', '/apps/back-app/releases', { release: releases[0]?.id })).status, 422);
  assert.equal((await ada('POST', '/apps/back-app/releases', { release: 'v99' })).status, 404);
  assert.equal((await ada('POST', '/apps/back-app/releases', {})).status, 422);
});

test('log sessions give an address that needs no token, streams the lines and knows no other session', async () => {
  const app = await ada('GET', '/apps/back-app');
  platform.services.logs.sink(String(app.body.id), [
    { atUs: 1_700_000_000_000_000, source: 'app', dyno: 'web.1', text: 'hello' },
  ]);
  const session = await ada('POST', '/apps/back-app/log-sessions', { lines: 10, tail: false, dyno: 'web.1' });
  assert.equal(session.status, 201);
  const address = String(session.body.logplex_url);
  assert.equal(address.startsWith(`${platform.url}/log-streams/`), true);
  const stream = await fetch(address, { headers: { accept: 'text/event-stream' } });
  assert.match(await stream.text(), /data: 2023-11-14T22:13:20\.000000\+00:00 app\[web\.1\]: hello/);
  assert.equal((await fetch(`${address}x`)).status, 404);
});

test('a destroyed app is gone at once and its name is free', async () => {
  await ada('POST', '/apps', { name: 'gone-app' });
  assert.equal((await ada('DELETE', '/apps/gone-app')).body.name, 'gone-app');
  assert.equal((await ada('GET', '/apps/gone-app')).status, 404);
  assert.equal((await bob('POST', '/apps', { name: 'gone-app' })).status, 201);
});

test('while the store is away the answer is 503 with Retry-After, and afterwards all is well', async () => {
  await platform.store.stop();
  for (const method of ['GET', 'POST']) {
    const answer = await ada(method, '/apps', method === 'POST' ? {} : undefined);
    assert.deepEqual([answer.status, answer.body.id], [503, 'service_unavailable']);
    assert.equal(Number(answer.headers.get('retry-after')) > 0, true);
  }
  await platform.store.start();
  assert.equal((await ada('GET', '/apps')).status, 200);
});
