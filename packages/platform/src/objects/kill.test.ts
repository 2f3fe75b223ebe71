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
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { Dice } from '../domain/dice.fixture.ts';
import { writeAccount } from './store/account-file.ts';
import { clientOf, openTestStore, testAccount } from './testing/test-store.ts';

const run = promisify(execFile);
/** More of them: `RAVINE_KILLS=200 npm test -- objects/kill`; `RAVINE_KILL_SEED=7` makes the choices of that run again. */
const kills = Number(process.env.RAVINE_KILLS ?? 5);
const seed = Number(process.env.RAVINE_KILL_SEED ?? randomInt(1_000_000));
const dice = new Dice(seed);
const writers = 6;
const leastPartBytes = 5 * 1024 * 1024;
const script = join(import.meta.dirname, 'store-process.fixture.ts');
const shop = testAccount('shop');
const Bucket = shop.bucket;
const folders: string[] = [];
after(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

/** Before it listens, or just after. */
const killInStart = async (root: string): Promise<void> => {
  const child = spawn(process.execPath, [script, root], { stdio: ['ignore', 'ignore', 'inherit'] });
  await sleep(dice.below(300)); // The moment is what varies.
  child.kill('SIGKILL');
  await once(child, 'exit');
};

const startStore = async (root: string): Promise<{ child: ChildProcess; client: S3Client }> => {
  const child = spawn(process.execPath, [script, root], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [said] = await once(child.stdout, 'data');
  return { child, client: clientOf(`http://127.0.0.1:${Number(String(said))}`, shop) };
};

const digestOf = (body: Uint8Array): string => createHash('sha256').update(body).digest('hex');

/** In two parts, the first of the least size that there is. */
const uploadInParts = async (client: S3Client, Key: string, body: Buffer): Promise<void> => {
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket, Key }));
  const Parts = [];
  for (const [index, Body] of [body.subarray(0, leastPartBytes), body.subarray(leastPartBytes)].entries()) {
    const part = { Bucket, Key, UploadId, PartNumber: index + 1 };
    const { ETag } = await client.send(new UploadPartCommand({ ...part, Body }));
    Parts.push({ ETag, PartNumber: index + 1 });
  }
  await client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
};

/** Overwrites, adds and deletes until the store is gone; notes what was acknowledged, and what may have been. */
const write = async (
  client: S3Client,
  writer: number,
  choose: Dice,
  known: Map<string, Set<string>>,
): Promise<void> => {
  for (;;) {
    const Key = `w${writer}/${choose.below(12)}`;
    const kind = choose.pick(['put', 'put', 'put', 'put', 'put', 'put', 'put', 'delete', 'copy', 'parts']);
    const body = randomBytes(1 + choose.below(200_000) + (kind === 'parts' ? leastPartBytes : 0));
    const source = `w${writer}/source`;
    const next = kind === 'delete' ? 'none' : digestOf(body);
    if (kind === 'copy') known.set(source, new Set([...(known.get(source) ?? ['none']), next]));
    known.set(Key, new Set([...(known.get(Key) ?? ['none']), next]));
    try {
      if (kind === 'delete') await client.send(new DeleteObjectCommand({ Bucket, Key }));
      else if (kind === 'parts') await uploadInParts(client, Key, body);
      else if (kind === 'copy') {
        await client.send(new PutObjectCommand({ Bucket, Key: source, Body: body }));
        known.set(source, new Set([next]));
        await client.send(new CopyObjectCommand({ Bucket, Key, CopySource: `${Bucket}/${source}` }));
      } else await client.send(new PutObjectCommand({ Bucket, Key, Body: body }));
    } catch {
      return;
    }
    known.set(Key, new Set([next]));
  }
};

test(`after kill -9 at ${kills} random moments every acknowledged object is there, whole, and no other file`, async (t) => {
  t.diagnostic(`RAVINE_KILL_SEED=${seed}`);
  const root = await mkdtemp(join(tmpdir(), 'ravine-objects-'));
  folders.push(root);
  await writeAccount(root, { ...shop, quotaBytes: 1024 ** 3 });
  const known = new Map<string, Set<string>>();
  let read = 0;
  for (let kill = 0; kill < kills; kill++) {
    if (dice.chance(0.2)) await killInStart(root);
    const { child, client } = await startStore(root);
    const working = Array.from({ length: writers }, (_, writer) =>
      write(client, writer, new Dice(seed + kill * writers + writer), known),
    );
    await sleep(20 + dice.below(400)); // The moment is what varies.
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
      const digest = body === undefined ? 'none' : digestOf(body);
      assert.ok(digests.has(digest), `${key} is not what was acknowledged after kill ${kill + 1}`);
      known.set(key, new Set([digest]));
      read += 1;
    }
    assert.deepEqual(store.faults, []);
  }
  await using last = await openTestStore([], root);
  const client = last.client(shop);
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
  for (const { Key, UploadId } of Uploads)
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
  const listed = await client.send(new ListObjectsV2Command({ Bucket }));
  await last.accounts.byId('shop')?.swept;
  const files = (await readdir(join(root, 'accounts', 'shop', 'data'), { recursive: true })).filter((name) =>
    name.includes('/'),
  );
  // What came in parts has a file for each, and their number behind its ETag.
  const expected = (listed.Contents ?? []).map(({ ETag = '' }) => Number(/-(\d+)"$/.exec(ETag)?.[1] ?? 1));
  assert.equal(
    files.length,
    expected.reduce((sum, parts) => sum + parts, 0),
  );
  t.diagnostic(`${read} objects read back`);
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
