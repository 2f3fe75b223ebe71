import assert from 'node:assert/strict';
import { argon2Sync } from 'node:crypto';
import { test } from 'node:test';
import { hashPassword, needsRehash, verifyPassword } from './password.ts';

test('a password fits its own hash and no other', async () => {
  const hash = await hashPassword('correct horse');
  assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.equal(await verifyPassword('correct horse', hash), true);
  assert.equal(await verifyPassword('correct horse ', hash), false);
  assert.notEqual(await hashPassword('correct horse'), hash);
  assert.equal(needsRehash(hash), false);
});

test('a hash made with other settings still verifies and asks to be made again', async () => {
  const salt = Buffer.from('sixteen byte salt').subarray(0, 16);
  const hash = argon2Sync('argon2id', {
    message: 'old',
    nonce: salt,
    parallelism: 1,
    tagLength: 32,
    memory: 4096,
    passes: 3,
  });
  const encode = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
  const phc = `$argon2id$v=19$m=4096,t=3,p=1$${encode(salt)}$${encode(hash)}`;
  assert.equal(await verifyPassword('old', phc), true);
  assert.equal(await verifyPassword('older', phc), false);
  assert.equal(needsRehash(phc), true);
});

test('an account that does not exist is refused like a wrong password', async () => {
  assert.equal(await verifyPassword('anything', undefined), false);
});

test('a damaged hash is an error, not a login', async () => {
  for (const phc of ['', 'plain', '$argon2id$v=19$m=99999999,t=2,p=1$c2FsdA$aGFzaGhhc2hoYXNoaGFzaA', '$2b$10$abc']) {
    await assert.rejects(verifyPassword('x', phc), /PHC format/);
  }
});
