import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { hasKey, openKeyring, UnsealError } from './keyring.ts';

const folderFor = async (t: TestContext): Promise<string> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'ravine-keyring-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return path.join(folder, 'secrets');
};

test('the first start makes a key that only its owner can read, and later starts use it', async (t) => {
  const folder = await folderFor(t);
  assert.equal(await hasKey(folder), false);
  const box = (await openKeyring(folder)).seal('hello', 'app:1:config');
  assert.equal((await stat(path.join(folder, 'master.key'))).mode & 0o777, 0o600);
  assert.equal((await stat(folder)).mode & 0o777, 0o700);
  assert.deepEqual(await readdir(folder), ['master.key']);
  assert.equal(await hasKey(folder), true);
  assert.equal((await openKeyring(folder)).open(box, 'app:1:config').toString(), 'hello');
});

test('starts at the same moment agree on one key', async (t) => {
  const folder = await folderFor(t);
  const keyrings = await Promise.all(Array.from({ length: 8 }, () => openKeyring(folder)));
  assert.equal(new Set(keyrings.map((keyring) => keyring.keyId)).size, 1);
});

test('the same value sealed twice gives different boxes, and neither shows it', async (t) => {
  const keyring = await openKeyring(await folderFor(t));
  const [first, second] = [keyring.seal('s3cret-value', 'c'), keyring.seal('s3cret-value', 'c')];
  assert.notDeepEqual(first, second);
  assert.equal(first.includes('s3cret-value'), false);
});

test('a box does not open under the context of another app', async (t) => {
  const keyring = await openKeyring(await folderFor(t));
  const box = keyring.sealJson({ A: 'b' }, 'app:1:config');
  assert.deepEqual(keyring.openStrings(box, 'app:1:config'), { A: 'b' });
  assert.throws(() => keyring.open(box, 'app:2:config'), UnsealError);
});

test('no changed, shortened or empty box opens', async (t) => {
  const keyring = await openKeyring(await folderFor(t));
  const box = keyring.seal('value', 'c');
  for (let at = 0; at < box.length; at++) {
    const changed = Buffer.from(box);
    changed[at] = (changed[at] ?? 0) ^ 1;
    assert.throws(() => keyring.open(changed, 'c'), UnsealError);
  }
  assert.throws(() => keyring.open(box.subarray(0, -1), 'c'), UnsealError);
  assert.throws(() => keyring.open(Buffer.alloc(0), 'c'), UnsealError);
});

test('an error about a wrong key names both keys and the file, and tells no secret', async (t) => {
  const [one, other] = [await openKeyring(await folderFor(t)), await openKeyring(await folderFor(t))];
  const box = one.seal('value', 'app:1:config');
  assert.throws(
    () => other.open(box, 'app:1:config'),
    (error: Error) =>
      error.message.includes(one.keyId) && error.message.includes(other.keyId) && error.message.includes('master.key'),
  );
});

test('a key file of the wrong length is refused and left alone', async (t) => {
  const folder = await folderFor(t);
  await openKeyring(folder);
  await writeFile(path.join(folder, 'master.key'), 'short');
  await assert.rejects(openKeyring(folder), /Expected 32 bytes in .*master\.key, got 5/);
  assert.equal((await stat(path.join(folder, 'master.key'))).size, 5);
});

test('a box that holds no object of strings is not taken for config vars', async (t) => {
  const keyring = await openKeyring(await folderFor(t));
  for (const value of [null, 'text', ['a'], { A: 1 }]) {
    assert.throws(() => keyring.openStrings(keyring.sealJson(value, 'c'), 'c'), UnsealError);
  }
});
