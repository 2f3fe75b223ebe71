import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createHash, randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { writeAccount } from './store/account-file.ts';
import { clientOf, openTestStore, testAccount } from './testing/test-store.ts';

const run = promisify(execFile);
/** More of them: RAVINE_KILLS=200 npm test -- objects/kill */
const kills = Number(process.env.RAVINE_KILLS ?? 5);
const writers = 6;
const script = join(import.meta.dirname, 'store-process.fixture.ts');
const shop = testAccount('shop');
const Bucket = shop.bucket;
const folders: string[] = [];
after(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

const startStore = async (root: string): Promise<{ child: ChildProcess; client: S3Client }> => {
  const child = spawn(process.execPath, [script, root], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await once(child.stdout, 'data');
  return { child, client: clientOf(`http://127.0.0.1:${Number(String(said))}`, shop) };
};

/** Overwrites and adds until the store is gone; notes what was acknowledged, and what may have been. */
const write = async (client: S3Client, writer: number, known: Map<string, Set<string>>): Promise<void> => {
  for (;;) {
    const body = randomBytes(randomInt(1, 200_000));
    const key = `w${writer}/${randomInt(12)}`;
    const digest = createHash('sha256').update(body).digest('hex');
    const before = known.get(key) ?? new Set(['none']);
    known.set(key, new Set([...before, digest]));
    try {
      await client.send(new PutObjectCommand({ Bucket, Key: key, Body: body }));
    } catch {
      return;
    }
    known.set(key, new Set([digest]));
  }
};

test(`after kill -9 at ${kills} random moments every acknowledged object is there, whole, and no other file`, async (t) => {
  const root = await mkdtemp(join(tmpdir(), 'ravine-objects-'));
  folders.push(root);
  await writeAccount(root, { ...shop, quotaBytes: 1024 ** 3 });
  const known = new Map<string, Set<string>>();
  let puts = 0;
  for (let kill = 0; kill < kills; kill++) {
    const { child, client } = await startStore(root);
    const working = Array.from({ length: writers }, (_, writer) => write(client, writer, known));
    await sleep(randomInt(20, 250)); // The moment is what varies.
    child.kill('SIGKILL');
    await once(child, 'exit');
    await Promise.all(working);
    client.destroy();
    await using store = await openTestStore([], root);
    const reader = store.client(shop);
    for (const [key, digests] of known) {
      const body = await reader.send(new GetObjectCommand({ Bucket, Key: key })).then(
        ({ Body }) => Body?.transformToByteArray(),
        () => undefined,
      );
      const digest = body === undefined ? 'none' : createHash('sha256').update(body).digest('hex');
      assert.ok(digests.has(digest), `${key} is not what was acknowledged after kill ${kill + 1}`);
      known.set(key, new Set([digest]));
      puts += 1;
    }
    assert.deepEqual(store.faults, []);
  }
  await using last = await openTestStore([], root);
  const listed = await last.client(shop).send(new ListObjectsV2Command({ Bucket }));
  await last.accounts.byId('shop')?.swept;
  const files = (await readdir(join(root, 'accounts', 'shop', 'data'), { recursive: true })).filter((name) =>
    name.includes('/'),
  );
  assert.equal(files.length, listed.Contents?.length ?? 0);
  t.diagnostic(`${puts} objects read back`);
});

test('on a full disk a write is refused with a clear error, nothing of it stays, and deleting helps', async () => {
  const disk = await mkdtemp(join(tmpdir(), 'ravine-disk-'));
  await run('mount', ['-t', 'tmpfs', '-o', 'size=40m,mode=755', 'tmpfs', disk]);
  try {
    await using store = await openTestStore([{ ...shop, quotaBytes: 1024 ** 3 }], disk);
    const client = store.client();
    const put = (Key: string, bytes: number) =>
      client.send(new PutObjectCommand({ Bucket, Key, Body: Buffer.alloc(bytes, 1) }));
    await put('first', 15 * 1024 * 1024);
    await assert.rejects(put('second', 15 * 1024 * 1024), { name: 'StorageFull' });
    await assert.rejects(client.send(new GetObjectCommand({ Bucket, Key: 'second' })), { name: 'NoSuchKey' });
    assert.equal(store.accounts.byId('shop')?.usage().objects, 1);
    await put('first', 10);
    await put('second', 15 * 1024 * 1024);
    assert.deepEqual(store.faults, []);
  } finally {
    await run('umount', [disk]);
    await rm(disk, { recursive: true });
  }
});
