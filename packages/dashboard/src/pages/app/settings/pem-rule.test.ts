import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isCertificate, isPrivateKey } from './pem-rule.ts';

test('a key in the place of the certificate is told before it is sent, and the other way round', () => {
  const key = '-----BEGIN EC PRIVATE KEY-----\nMHc\n-----END EC PRIVATE KEY-----\n';
  const certificate = '# mine\n-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n';
  assert.deepEqual([isCertificate(certificate), isPrivateKey(certificate)], [true, false]);
  assert.deepEqual([isCertificate(key), isPrivateKey(key)], [false, true]);
});
