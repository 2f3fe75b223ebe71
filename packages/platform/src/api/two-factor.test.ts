import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { totpCode, totpStep } from '../secrets/totp.ts';
import { type ApiAnswer, type ApiClient, apiClient } from './testing/api-client.ts';
import { startTestPlatform, type TestPlatform } from './testing/test-platform.ts';

let platform: TestPlatform;
let alice: ApiClient;
let email: string;
let password: string;
let people = 0;

before(async () => {
  platform = await startTestPlatform();
});
after(() => platform.close());
beforeEach(async () => {
  email = `alice-${++people}@example.com`;
  const { token, password: known } = await platform.account(email);
  password = known;
  alice = apiClient(platform.url, token);
});

/** RFC 4648 section 6. */
const decode = (text: string): Buffer => {
  const bits = [...text].map((letter) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(letter).toString(2).padStart(5, '0'),
  );
  return Buffer.from((bits.join('').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
};

/** What an authenticator shows that runs half a minute fast: right now, and still when this half minute is over. */
const shows = (secret: string): string => totpCode(decode(secret), totpStep(Date.now()) + 1);

/** Switches it on with the code of the step before that, which is past by then. */
const switchOn = async (): Promise<{ secret: string; codes: string[] }> => {
  const secret = String((await alice('POST', '/account/two-factor', { password })).body.secret);
  const { status, body } = await alice('POST', '/account/two-factor/confirm', {
    code: totpCode(decode(secret), totpStep(Date.now())),
  });
  assert.equal(status, 201);
  const codes = body.recovery_codes;
  assert.ok(Array.isArray(codes));
  return { secret, codes: codes.map(String) };
};

const logIn = (code?: string): Promise<ApiAnswer> =>
  apiClient(platform.url)(
    'POST',
    '/oauth/authorizations',
    { description: 'login' },
    {
      authorization: `Basic ${Buffer.from(`${email}:${password}`).toString('base64')}`,
      ...(code === undefined ? {} : { 'heroku-two-factor-code': code }),
    },
  );

describe('two-factor sign-in', () => {
  test('asks for a code once the authenticator has shown that it has the secret, and not before', async () => {
    const { body } = await alice('POST', '/account/two-factor', { password });
    assert.match(String(body.otpauth_url), /^otpauth:\/\/totp\/Ravine%3Aalice/);
    assert.equal((await logIn()).status, 201);
    assert.equal((await alice('POST', '/account/two-factor/confirm', { code: '000000' })).status, 422);
    await alice('POST', '/account/two-factor/confirm', { code: shows(String(body.secret)) });
    assert.equal((await alice('GET', '/account')).body.two_factor_authentication, true);
    assert.deepEqual((await alice('GET', '/account/two-factor')).body, { enabled: true, recovery_codes_left: 10 });
    const refused = await logIn();
    assert.deepEqual([refused.status, refused.body.id], [403, 'two_factor']);
  });

  test('takes a code once', async () => {
    const { secret, codes } = await switchOn();
    const code = shows(secret);
    assert.equal((await logIn(code)).status, 201);
    const again = await logIn(code);
    assert.deepEqual([again.status, again.body.id], [403, 'two_factor']);
    assert.equal((await logIn(codes[0])).status, 201);
  });

  test('takes a recovery code instead, once', async () => {
    const { codes } = await switchOn();
    const [code = ''] = codes;
    assert.equal((await logIn(code.toUpperCase())).status, 201);
    assert.equal((await logIn(code)).status, 403);
    assert.equal((await alice('GET', '/account/two-factor')).body.recovery_codes_left, 9);
  });

  test('does not say whether a code was right to who has the password wrong', async () => {
    const { secret } = await switchOn();
    password = 'a wrong password';
    const { status, body } = await logIn(shows(secret));
    assert.deepEqual([status, body.id], [401, 'unauthorized']);
  });

  test('makes new recovery codes, and those of before no longer do', async () => {
    const { secret, codes } = await switchOn();
    const made = await alice('POST', '/account/two-factor/recovery-codes', { password, second_factor: shows(secret) });
    assert.equal(made.status, 201);
    assert.equal((await logIn(codes[1])).status, 403);
    assert.ok(Array.isArray(made.body.recovery_codes));
    assert.equal((await logIn(String(made.body.recovery_codes[1]))).status, 201);
  });

  test('is switched off only by who has password and code', async () => {
    const { codes } = await switchOn();
    assert.equal((await alice('DELETE', '/account/two-factor', { password })).status, 403);
    assert.equal(
      (await alice('DELETE', '/account/two-factor', { password: 'x', second_factor: codes[0] })).status,
      403,
    );
    assert.equal((await alice('DELETE', '/account/two-factor', { password, second_factor: codes[0] })).status, 200);
    assert.equal((await logIn()).status, 201);
  });

  test('bounds how often codes are guessed', async () => {
    await switchOn();
    const statuses: number[] = [];
    for (let guess = 0; guess < 21; guess++) statuses.push((await logIn(String(100_000 + guess))).status);
    assert.deepEqual([statuses[0], statuses.at(-1)], [403, 429]);
  });

  test('is asked for by the page that the CLI opens, too', async () => {
    const { secret } = await switchOn();
    const asked = await apiClient(platform.url)('POST', '/auth', { description: 'a laptop' });
    const page = `${platform.url}${asked.body.browser_url}`;
    const send = (fields: Record<string, string>) =>
      fetch(page, { method: 'POST', body: new URLSearchParams({ decision: 'grant', email, password, ...fields }) });
    const first = await send({});
    const text = await first.text();
    assert.equal(first.status, 403);
    assert.match(text, /name="second_factor"/);
    assert.ok(!text.includes(password));
    const second = await send({ second_factor: shows(secret) });
    assert.match(await second.text(), /You are logged in/);
  });

  test('is noted where everybody can look it up, without a secret', async () => {
    const { secret } = await switchOn();
    const { list, text } = await alice('GET', '/audit-events?resource=account&limit=1');
    assert.equal(Reflect.get(Object(list[0]?.data), 'two_factor'), true);
    assert.ok(!text.includes(secret));
  });
});
