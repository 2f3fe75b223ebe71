import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type ApiClient, apiClient } from '../testing/api-client.ts';
import { startTestPlatform, type TestPlatform } from '../testing/test-platform.ts';

let platform: TestPlatform;
let anyone: ApiClient;
let ada: ApiClient;
const email = 'ada@example.com';
const password = `password of ${email}`;
const own = { 'x-ravine-dashboard': '1', 'sec-fetch-site': 'same-origin' };

before(async () => {
  platform = await startTestPlatform({ loginLimits: { failuresPerEmail: 3, failuresPerAddress: 100 } });
  ada = apiClient(platform.url, (await platform.account(email)).token);
  await platform.account('bob@example.com');
  anyone = apiClient(platform.url);
});

after(async () => {
  await platform.close();
  assert.deepEqual(platform.faults, []);
});

const cookieOf = (headers: Headers): string => headers.getSetCookie()[0]?.split(';')[0] ?? '';

const signIn = async (): Promise<string> => {
  const answer = await anyone('POST', '/dashboard/session', { email, password }, own);
  assert.equal(answer.status, 201);
  return cookieOf(answer.headers);
};

test('signing in sets a cookie that scripts can not read and other hosts can not set, and its token is in no answer', async () => {
  const answer = await anyone('POST', '/dashboard/session', { email, password }, own);
  const [cookie = ''] = answer.headers.getSetCookie();
  assert.match(cookie, /^__Host-ravine=HRKU-[\w-]{43}; Max-Age=1209600; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
  assert.deepEqual(answer.body, { email });
  const account = await anyone('GET', '/account', undefined, { ...own, cookie: cookieOf(answer.headers) });
  assert.equal(account.body.email, email);
});

test('a cookie alone authorizes nothing: the header of the dashboard and its own origin belong to it', async () => {
  const cookie = await signIn();
  const ask = async (headers: Record<string, string>) =>
    (await anyone('GET', '/account', undefined, { cookie, ...headers })).status;
  assert.equal(await ask({}), 401);
  assert.equal(await ask({ 'sec-fetch-site': 'same-origin' }), 401);
  assert.equal(await ask({ ...own, 'sec-fetch-site': 'same-site' }), 401);
  assert.equal(await ask({ ...own, 'sec-fetch-site': 'cross-site' }), 401);
  assert.equal(await ask({ 'x-ravine-dashboard': '1', origin: 'https://evil.example' }), 401);
  assert.equal(await ask({ 'x-ravine-dashboard': '1', origin: platform.url }), 200);
  assert.equal(await ask(own), 200);
});

test('the token of a cookie is no API token, and an API token is no cookie', async () => {
  const cookie = await signIn();
  const token = cookie.slice(cookie.indexOf('=') + 1);
  assert.equal((await apiClient(platform.url, token)('GET', '/account')).status, 401);
  const { token: apiToken } = await platform.account('carl@example.com');
  assert.equal(
    (await anyone('GET', '/account', undefined, { ...own, cookie: `__Host-ravine=${apiToken}` })).status,
    401,
  );
});

test('two people whose browsers send the same POST each get their own answer', async () => {
  const bob = await anyone(
    'POST',
    '/dashboard/session',
    { email: 'bob@example.com', password: 'password of bob@example.com' },
    own,
  );
  const cookies = [await signIn(), cookieOf(bob.headers)];
  const made = await Promise.all(cookies.map((cookie) => anyone('POST', '/apps', {}, { ...own, cookie })));
  const owners = made.map(({ body }) => (body.owner as { email: string }).email);
  assert.deepEqual(owners, [email, 'bob@example.com']);
});

test('a page of another site can not sign anybody in', async () => {
  const answer = await anyone('POST', '/dashboard/session', { email, password }, { 'sec-fetch-site': 'cross-site' });
  assert.deepEqual([answer.status, answer.body.id], [403, 'forbidden']);
  assert.deepEqual(answer.headers.getSetCookie(), []);
});

test('a wrong password is refused, and guessing is slowed down', async () => {
  const statuses = [];
  for (let attempt = 0; attempt < 4; attempt++) {
    const guess = { email: 'nobody@example.com', password: `guess ${attempt}` };
    statuses.push((await anyone('POST', '/dashboard/session', guess, own)).status);
  }
  assert.deepEqual(statuses, [401, 401, 401, 429]);
  const empty = await anyone('POST', '/dashboard/session', { email }, own);
  assert.deepEqual([empty.status, empty.body.message], [422, 'password is required: expected a string.']);
});

test('signing out ends the session and takes the cookie away', async () => {
  const cookie = await signIn();
  const answer = await anyone('DELETE', '/dashboard/session', undefined, { ...own, cookie });
  assert.match(answer.headers.getSetCookie()[0] ?? '', /^__Host-ravine=; Max-Age=0;/);
  assert.equal((await anyone('GET', '/account', undefined, { ...own, cookie })).status, 401);
  assert.equal((await ada('DELETE', '/dashboard/session')).status, 401);
});

test('sessions are listed apart from tokens, say which is this one, and can be ended from another', async () => {
  const [here, there] = [await signIn(), await signIn()];
  const agent = { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' };
  await anyone('POST', '/dashboard/session', { email, password }, { ...own, ...agent });
  const { list } = await anyone('GET', '/oauth/sessions', undefined, { ...own, cookie: here });
  assert.equal(list.filter(({ current }) => current).length, 1);
  assert.ok(list.some(({ description }) => description === 'Firefox on Linux'));
  const tokens = await ada('GET', '/oauth/authorizations');
  assert.deepEqual(
    tokens.list.map(({ description }) => description),
    ['test'],
  );
  for (const { id, current } of list) {
    if (current !== true) await anyone('DELETE', `/oauth/sessions/${id}`, undefined, { ...own, cookie: here });
  }
  assert.equal((await anyone('GET', '/account', undefined, { ...own, cookie: there })).status, 401);
  assert.equal((await anyone('GET', '/account', undefined, { ...own, cookie: here })).status, 200);
  const tokenId = tokens.list[0]?.id;
  assert.equal((await ada('DELETE', `/oauth/sessions/${tokenId}`)).status, 404);
});

test('a new password ends the sessions of all other browsers', async () => {
  const [here, there] = [await signIn(), await signIn()];
  const change = { password, new_password: password };
  assert.equal((await anyone('PATCH', '/account', change, { ...own, cookie: here })).status, 200);
  assert.equal((await anyone('GET', '/account', undefined, { ...own, cookie: there })).status, 401);
  assert.equal((await anyone('GET', '/account', undefined, { ...own, cookie: here })).status, 200);
});

test('a sign-in link works once, leads to an address without it, and not from a page of another site', async () => {
  const { token } = await platform.account('dora@example.com');
  const made = await apiClient(platform.url, token)('POST', '/dashboard/links');
  assert.equal(made.status, 201);
  const link = String(made.body.url);
  const open = (headers: Record<string, string>) => fetch(link, { redirect: 'manual', headers });
  assert.equal((await open({ 'sec-fetch-site': 'cross-site' })).status, 403);
  const first = await open({ 'sec-fetch-site': 'none' });
  assert.deepEqual([first.status, first.headers.get('location')], [303, '/dashboard/']);
  const account = await anyone('GET', '/account', undefined, { ...own, cookie: cookieOf(first.headers) });
  assert.equal(account.body.email, 'dora@example.com');
  const second = await open({});
  assert.deepEqual([second.status, second.headers.get('location')], [303, '/dashboard/']);
  assert.deepEqual(second.headers.getSetCookie(), []);
});
