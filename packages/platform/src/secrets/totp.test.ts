import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashRecoveryCode, newRecoveryCodes } from './recovery-code.ts';
import { base32, matchTotp, newTotpSecret, totpCode, totpStep, totpUrl } from './totp.ts';

/** RFC 6238, Appendix B, for SHA-1. */
const secret = Buffer.from('12345678901234567890');
const vectors: readonly (readonly [seconds: number, code: string])[] = [
  [59, '94287082'],
  [1_111_111_109, '07081804'],
  [1_111_111_111, '14050471'],
  [1_234_567_890, '89005924'],
  [2_000_000_000, '69279037'],
  [20_000_000_000, '65353130'],
];

test('codes are those of RFC 6238', () => {
  for (const [seconds, code] of vectors) assert.equal(totpCode(secret, totpStep(seconds * 1000), 8), code);
});

test('base32 is that of RFC 4648, without padding', () => {
  const known = { f: 'MY', fo: 'MZXQ', foo: 'MZXW6', foob: 'MZXW6YQ', fooba: 'MZXW6YTB', foobar: 'MZXW6YTBOI' };
  for (const [text, encoded] of Object.entries(known)) assert.equal(base32(Buffer.from(text)), encoded);
});

test('a code is right in its step and beside it, and only once', () => {
  const now = 1_700_000_010_000;
  const step = totpStep(now);
  const code = totpCode(secret, step);
  assert.equal(matchTotp(secret, code, now, 0), step);
  assert.equal(matchTotp(secret, `${code.slice(0, 3)} ${code.slice(3)}`, now + 30_000, 0), step);
  assert.equal(matchTotp(secret, code, now + 60_000, 0), undefined);
  assert.equal(matchTotp(secret, code, now, step), undefined);
  assert.equal(matchTotp(newTotpSecret(), code, now, 0), undefined);
  assert.equal(matchTotp(secret, '', now, 0), undefined);
});

test('an authenticator gets the account, the issuer and the secret', () => {
  const url = new URL(totpUrl(secret, 'you@example.com'));
  assert.equal(decodeURIComponent(url.pathname), '/Ravine:you@example.com');
  assert.equal(url.searchParams.get('secret'), 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
  assert.equal(url.searchParams.get('issuer'), 'Ravine');
});

test('recovery codes are ten, all different, and read in any case and with or without dashes', () => {
  const codes = newRecoveryCodes();
  assert.equal(new Set(codes).size, 10);
  const [code = ''] = codes;
  assert.match(code, /^[a-z2-7]{4}(-[a-z2-7]{4}){3}$/);
  assert.deepEqual(hashRecoveryCode(code), hashRecoveryCode(` ${code.replaceAll('-', '').toUpperCase()} `));
  assert.equal(hashRecoveryCode('123456'), undefined);
});
