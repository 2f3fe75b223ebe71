import assert from 'node:assert/strict';
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { openTestStore, testAccount } from '../testing/test-store.ts';

const shop = testAccount('shop');
const Bucket = shop.bucket;
const dayMs = 24 * 60 * 60 * 1000;
const root = await mkdtemp(join(tmpdir(), 'ravine-unnamed-'));
after(() => rm(root, { recursive: true, force: true }));
const folder = join(root, 'accounts', 'shop');

type Store = Awaited<ReturnType<typeof openTestStore>>;
const put = (store: Store, Key: string) =>
  store.client(shop).send(new PutObjectCommand({ Bucket, Key, Body: `the text of ${Key}` }));
const get = async (store: Store, Key: string) =>
  (await store.client(shop).send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();
const files = async (): Promise<number> => {
  const names = await readdir(join(folder, 'data'), { recursive: true });
  return names.filter((name) => name.includes('/')).length;
};
const aside = () => readdir(join(folder, 'unnamed')).catch(() => []);
const indexFiles = async () => (await readdir(folder)).filter((name) => name.startsWith('index.sqlite'));
const removeIndex = async () => {
  for (const name of await indexFiles()) await rm(join(folder, name));
};

test('an account whose books are missing is not opened, nothing of it is removed, and its books bring it back', async () => {
  const backup = join(root, 'backup');
  {
    await using store = await openTestStore([shop], root);
    await put(store, 'one');
    await put(store, 'two');
  }
  await cp(folder, backup, { recursive: true });
  await removeIndex();
  for (let starts = 0; starts < 2; starts++) {
    await using store = await openTestStore([], root);
    assert.match(String(store.faults[0]), /index\.sqlite was expected to list the files .* missing or empty/);
    await assert.rejects(get(store, 'one'), { name: 'InvalidAccessKeyId' });
  }
  assert.equal(await files(), 2);
  await removeIndex();
  for (const name of ['index.sqlite']) await cp(join(backup, name), join(folder, name));
  await using store = await openTestStore([], root);
  assert.deepEqual(store.faults, []);
  assert.equal(await get(store, 'one'), 'the text of one');
});

test('files that older books do not name are set aside, back with the newer books, and removed after days', async () => {
  const older = join(root, 'older');
  const newer = join(root, 'newer');
  await cp(folder, older, { recursive: true });
  {
    await using store = await openTestStore([], root);
    await put(store, 'three');
  }
  await cp(folder, newer, { recursive: true });
  const useBooksOf = async (of: string) => {
    await removeIndex();
    await cp(join(of, 'index.sqlite'), join(folder, 'index.sqlite'));
  };
  await useBooksOf(older);
  {
    await using store = await openTestStore([], root);
    await store.accounts.byId('shop')?.swept;
    assert.deepEqual([await files(), (await aside()).length], [2, 1]);
    await assert.rejects(get(store, 'three'), { name: 'NoSuchKey' });
    await store.accounts.byId('shop')?.forgetUnnamed(Date.now() + dayMs);
    assert.equal((await aside()).length, 1);
  }
  await useBooksOf(newer);
  {
    await using store = await openTestStore([], root);
    await store.accounts.byId('shop')?.swept;
    assert.deepEqual([await files(), (await aside()).length], [3, 0]);
    assert.equal(await get(store, 'three'), 'the text of three');
  }
  await useBooksOf(older);
  await using store = await openTestStore([], root);
  await store.accounts.byId('shop')?.swept;
  await store.accounts.byId('shop')?.forgetUnnamed(Date.now() + 4 * dayMs);
  assert.deepEqual(await aside(), []);
});
