import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, open, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { GetObjectCommand, PutObjectCommand, PutObjectTaggingCommand } from '@aws-sdk/client-s3';
import { openTestStore, testAccount } from './testing/test-store.ts';

const run = promisify(execFile);
const megabyte = 1024 * 1024;
const shop = { ...testAccount('shop'), quotaBytes: 1024 ** 3 };
const Bucket = shop.bucket;

const disk = await mkdtemp(join(tmpdir(), 'ravine-disk-'));
await run('mount', ['-t', 'tmpfs', '-o', 'size=45m,mode=755', 'tmpfs', disk]);
const store = await openTestStore([shop], disk);
after(async () => {
  await store[Symbol.asyncDispose]();
  await run('umount', [disk]);
  await rm(disk, { recursive: true });
});
const client = store.client();
const put = (Key: string, bytes: number) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body: Buffer.alloc(bytes, 1) }));
const sizeOf = async (Key: string): Promise<number> => {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }));
  return (await Body?.transformToByteArray())?.length ?? 0;
};
const filesOfObjects = async (): Promise<number> => {
  const names = await readdir(join(disk, 'accounts', 'shop', 'data'), { recursive: true });
  return names.filter((name) => name.includes('/')).length;
};
const nameOf = (error: unknown): string => (error instanceof Error ? error.name : String(error));

/** Somebody else's file, on all that is left of the disk. */
const fillDisk = async (): Promise<string> => {
  const path = join(disk, 'filler');
  await using file = await open(path, 'w');
  for (let bytes = megabyte; bytes >= 1; ) {
    const written = await file.write(Buffer.alloc(bytes)).catch(() => undefined);
    if (written === undefined) bytes = Math.floor(bytes / 2);
  }
  return path;
};

test('two uploads for which there was room, but not for both: who gets none is told so, and nothing of it stays', async () => {
  await put('small', 1000);
  const ended = await Promise.allSettled([put('a', 25 * megabyte), put('b', 25 * megabyte)]);
  const refused = ended.flatMap((one) => (one.status === 'rejected' ? [nameOf(one.reason)] : []));
  assert.ok(refused.length > 0, 'no disk of 45 MB holds 50 MB');
  assert.deepEqual(new Set(refused), new Set(['StorageFull']));
  assert.equal(store.accounts.byId('shop')?.usage().objects, 1 + ended.length - refused.length);
  assert.equal(await filesOfObjects(), 1 + ended.length - refused.length);
});

test('on a disk that others have filled to the last byte objects are read, and what would change them is refused', async () => {
  const filler = await fillDisk();
  assert.equal(await sizeOf('small'), 1000);
  await assert.rejects(put('small', 2000), { name: 'StorageFull' });
  const Tagging = { TagSet: Array.from({ length: 10 }, (_, n) => ({ Key: `k${n}`, Value: 'v'.repeat(250) })) };
  const refused = async (): Promise<string> =>
    client.send(new PutObjectTaggingCommand({ Bucket, Key: 'small', Tagging })).then(() => '', nameOf);
  // The log of the books has some room of its own, which tags use up.
  let said = '';
  for (let tries = 0; tries < 100 && said === ''; tries++) said = await refused();
  assert.equal(said, 'StorageFull');
  assert.equal(await sizeOf('small'), 1000);
  await rm(filler);
});

test('once there is room again all goes on, without a restart', async () => {
  await put('small', 3000);
  assert.equal(await sizeOf('small'), 3000);
  assert.equal(await filesOfObjects(), store.accounts.byId('shop')?.usage().objects);
  assert.deepEqual(store.faults, []);
});
