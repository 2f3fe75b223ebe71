import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { type ApiClient, apiClient } from '../testing/api-client.ts';
import { startTestPlatform, type TestPlatform } from '../testing/test-platform.ts';

let platform: TestPlatform;
let cli: ApiClient;

before(async () => {
  platform = await startTestPlatform({ loginLimits: { failuresPerEmail: 4, failuresPerAddress: 100 } });
  await platform.account('ada@example.com');
  await platform.account('bob@example.com');
  cli = apiClient(platform.url);
});

after(async () => {
  await platform.close();
  assert.deepEqual(platform.faults, []);
});

const begin = async () => {
  const { body } = await cli('POST', '/auth', { description: 'Heroku CLI login from <laptop>' });
  const fetchToken = () => cli('GET', String(body.cli_url), undefined, { authorization: `Bearer ${body.token}` });
  return {
    page: `${platform.url}${body.browser_url}`,
    cliUrl: String(body.cli_url),
    secret: String(body.token),
    fetchToken,
  };
};

const submit = (page: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(page, {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers: { 'sec-fetch-site': 'same-origin', ...headers },
  });

const right = { email: 'ada@example.com', password: 'password of ada@example.com', decision: 'grant' };

test('the CLI gets its token once the browser has signed in, and only once', async () => {
  const login = await begin();
  const waiting = login.fetchToken();
  const done = await submit(login.page, right);
  assert.match(await done.text(), /You are logged in/);
  const token = String((await waiting).body.access_token);
  assert.equal((await apiClient(platform.url, token)('GET', '/account')).body.email, 'ada@example.com');
  assert.match(String((await login.fetchToken()).body.error), /used already/);
  assert.equal((await fetch(login.page)).status, 404);
});

test("the page speaks the browser's first language of the two that it knows", async () => {
  const { page } = await begin();
  const read = async (language: string) => (await fetch(page, { headers: { 'accept-language': language } })).text();
  assert.match(await read('de-DE,fa;q=0.8,en;q=0.5'), /<html lang="fa" dir="rtl">.*<h1>ورود به خط فرمان<\/h1>/s);
  for (const language of ['en-GB,fa;q=0.5', 'de', 'fake', ''])
    assert.match(await read(language), /<html lang="en" dir="ltr">.*<h1>Log in to the CLI<\/h1>/s);
  const done = await submit(page, right, { 'accept-language': 'fa' });
  assert.match(await done.text(), /<bdi>ada@example\.com<\/bdi>/);
});

test('the page escapes what it shows, holds no secret, runs no script and can not be framed', async () => {
  const login = await begin();
  const answer = await fetch(login.page);
  const text = await answer.text();
  assert.match(text, /Heroku CLI login from &lt;laptop&gt;/);
  assert.equal(text.includes(login.secret) || text.includes(new URL(login.page).pathname), false);
  assert.equal(text.includes('<script'), false);
  const policy = answer.headers.get('content-security-policy') ?? '';
  for (const part of ["default-src 'none'", "frame-ancestors 'none'", "form-action 'self'"])
    assert.equal(policy.includes(part), true, part);
  assert.equal(policy.includes('unsafe'), false);
});

test('a form sent from another site is refused', async () => {
  const login = await begin();
  for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }]) {
    assert.equal((await submit(login.page, right, headers)).status, 403);
  }
  const old = await fetch(login.page, {
    method: 'POST',
    body: new URLSearchParams(right),
    headers: { origin: 'https://evil.example' },
  });
  assert.equal(old.status, 403);
  assert.equal((await fetch(login.page)).status, 200);
});

test('a wrong password shows the form again, and guessing is stopped', async () => {
  const login = await begin();
  const wrong = { ...right, email: 'bob@example.com', password: '"><b>x' };
  for (let attempt = 1; attempt <= 4; attempt++) {
    const answer = await submit(login.page, wrong);
    assert.equal(answer.status, 401);
    assert.match(await answer.text(), /Invalid credentials[\s\S]*value="bob@example\.com"/);
  }
  const stopped = await submit(login.page, { ...wrong, password: 'password of bob@example.com' });
  assert.equal(stopped.status, 429);
  assert.equal((await submit(login.page, right)).status, 200);
});

const dashboard = { 'sec-fetch-site': 'same-origin', 'x-ravine-dashboard': '1' };
const signIn = async (email: string): Promise<string> => {
  const answer = await cli('POST', '/dashboard/session', { email, password: `password of ${email}` }, dashboard);
  return answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
};
const accountOn = async (page: string, cookie: string): Promise<string> => {
  const text = await (await fetch(page, { headers: { cookie, 'sec-fetch-site': 'none' } })).text();
  return /name="account" value="([^"]+)"/.exec(text)?.[1] ?? '';
};

test('who is signed in to the dashboard is named, and logs the CLI in by one button, without a password', async () => {
  const cookie = await signIn('ada@example.com');
  const login = await begin();
  const answer = await fetch(login.page, { headers: { cookie, 'sec-fetch-site': 'none' } });
  const text = await answer.text();
  assert.match(text, /This browser is signed in as <strong><bdi>ada@example\.com<\/bdi><\/strong>/);
  assert.equal(/type="password"|<script|autofocus/.test(text), false);
  assert.match(answer.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/);
  const waiting = login.fetchToken();
  const account = await accountOn(login.page, cookie);
  const done = await submit(login.page, { decision: 'confirm', account }, { cookie });
  assert.match(await done.text(), /You are logged in/);
  const token = String((await waiting).body.access_token);
  assert.equal((await apiClient(platform.url, token)('GET', '/account')).body.email, 'ada@example.com');
});

test('a page that another site leads to, and one for somebody else, asks for a password', async () => {
  const cookie = await signIn('ada@example.com');
  const { page } = await begin();
  const read = async (path: string, site: string) =>
    (await fetch(page + path, { headers: { cookie, 'sec-fetch-site': site } })).text();
  assert.match(await read('', 'cross-site'), /type="password"/);
  assert.match(await read('', 'same-site'), /type="password"/);
  assert.match(await read('?another=1', 'none'), /type="password"/);
  assert.match(await (await fetch(page, { headers: { 'sec-fetch-site': 'none' } })).text(), /type="password"/);
});

test('a yes counts only from the page itself, for the account that it named, while that is signed in', async () => {
  const [ada, bob] = [await signIn('ada@example.com'), await signIn('bob@example.com')];
  const login = await begin();
  const account = await accountOn(login.page, ada);
  const yes = { decision: 'confirm', account };
  assert.equal((await submit(login.page, yes, { cookie: ada, 'sec-fetch-site': 'cross-site' })).status, 403);
  const silent = await fetch(login.page, { method: 'POST', body: new URLSearchParams(yes), headers: { cookie: ada } });
  assert.equal(silent.status, 401);
  assert.equal((await submit(login.page, yes, { cookie: bob })).status, 401);
  assert.equal((await submit(login.page, yes)).status, 401);
  await cli('DELETE', '/dashboard/session', undefined, { ...dashboard, cookie: ada });
  assert.equal((await submit(login.page, yes, { cookie: ada })).status, 401);
});

test('the language that was chosen in the dashboard goes before what the browser says', async () => {
  const { page } = await begin();
  const headers = { 'accept-language': 'en', cookie: 'other=1; ravine-language=fa' };
  assert.match(await (await fetch(page, { headers })).text(), /<html lang="fa" dir="rtl">/);
});

test('a refused login tells the CLI so', async () => {
  const login = await begin();
  const waiting = login.fetchToken();
  await submit(login.page, { decision: 'deny' });
  assert.match(String((await waiting).body.error), /refused/);
});

test('only the CLI that asked can fetch the token, and one that lost its connection can come back for it', async () => {
  const login = await begin();
  const other = await begin();
  assert.equal((await cli('GET', login.cliUrl, undefined, { authorization: `Bearer ${other.secret}` })).status, 401);
  assert.equal((await cli('GET', login.cliUrl)).status, 401);
  const lost = request(`${platform.url}${login.cliUrl}`, { headers: { authorization: `Bearer ${login.secret}` } });
  lost.end();
  await once(lost, 'response');
  lost.on('error', () => {}); // it is we who break it
  lost.destroy();
  await submit(login.page, right);
  assert.match(String((await login.fetchToken()).body.access_token), /^HRKU-/);
});
