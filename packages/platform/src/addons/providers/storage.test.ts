import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { AddOnId } from '../../domain/ids.ts';
import { stopStore, watchStore } from '../../objects/admin-client.ts';
import { clientOf } from '../../objects/testing/test-store.ts';
import { type Plan, resolvePlan } from '../catalogue.ts';
import type { Provisioned } from '../provider.ts';
import { StorageProvider } from './storage.ts';

const id = 'b04a0c8b-56f1-4c83-a7ba-27d4e7d09ab5' as AddOnId;
const plan = resolvePlan('bucketeer:hobbyist');
let folder: string;
let provider: StorageProvider;
let made: Provisioned;

const openProvider = () =>
  new StorageProvider({
    folder: join(folder, 'objects'),
    ports: { from: 15_432, to: 19_990 },
    mediaDomain: 'media.localhost',
    urlOf: (host) => `http://${host}:8080`,
  });
const never = new AbortController().signal;
const provision = (of: Plan = plan) => provider.provision({ id, name: 'bucketeer-calm-1', plan: of }, never);

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ravine-storage-'));
  await chmod(folder, 0o711);
  provider = openProvider();
  made = await provision();
});
after(async () => {
  await provider.stopAll();
  await rm(folder, { recursive: true, force: true });
});

const withClient = async <T>(
  { config }: Provisioned,
  use: (client: S3Client, Bucket: string) => Promise<T>,
): Promise<T> => {
  const [accessKeyId = '', secretKey = ''] = [config.AWS_ACCESS_KEY_ID, config.AWS_SECRET_ACCESS_KEY];
  const account = { id, accessKeyId, secretKey, bucket: '', quotaBytes: 0, mostBuckets: 0 };
  const client = clientOf(config['=AWS_S3_ENDPOINT_URL'] ?? '', account, { maxAttempts: 20 });
  try {
    return await use(client, config.BUCKET_NAME ?? '');
  } finally {
    client.destroy();
  }
};
const put = (of: Provisioned, Key: string, Body: string) =>
  withClient(of, (client, Bucket) => client.send(new PutObjectCommand({ Bucket, Key, Body })));
const get = (of: Provisioned, Key: string) =>
  withClient(of, async (client, Bucket) =>
    (await client.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString(),
  );

test('a bucket is made with keys that work, and config vars for the tools of AWS', async () => {
  await put(made, 'a', 'kept');
  assert.equal(await get(made, 'a'), 'kept');
  assert.deepEqual(Object.keys(made.config).toSorted(), [...plan.service.configSuffixes].toSorted());
  assert.equal(made.config.PUBLIC_URL, `http://bucketeer-${id}.media.localhost:8080`);
});

test('a store that is killed is started again at once, on its port and with its objects', async () => {
  const [running, came] = [await watchStore(join(folder, 'objects')), Promise.withResolvers<void>()];
  const stop = provider.onChange(() => {
    void provider.ensureRunning(id, made.resource, plan).then(({ kind }) => kind === 'up' && came.resolve());
  });
  await provider.ensureRunning(id, made.resource, plan);
  process.kill(running.pid, 'SIGKILL');
  await running.ended;
  await came.promise;
  stop();
  assert.equal(await get(made, 'a'), 'kept');
});

test('another provider finds the store that runs, and closing one leaves it alone', async () => {
  using before = await watchStore(join(folder, 'objects'));
  await provider.close();
  provider = openProvider();
  const up = new Promise<void>((resolve) => provider.onPort(resolve));
  await provider.ensureRunning(id, made.resource, plan);
  await up;
  using now = await watchStore(join(folder, 'objects'));
  assert.deepEqual([now.pid, now.port, provider.port], [before.pid, before.port, before.port]);
});

test('a change of plan changes what fits', async () => {
  await put(made, 'b', 'x'.repeat(1000));
  await provider.ensureRunning(id, made.resource, { ...plan, sizeBytes: 500 });
  await assert.rejects(put(made, 'c', 'y'), { name: 'QuotaExceeded' });
  await provider.ensureRunning(id, made.resource, plan);
  await put(made, 'c', 'y');
  assert.deepEqual(await provider.usage(id), { bytes: 1005, objects: 3 });
});

test('made again it has other keys, the same bucket and the same objects', async () => {
  const again = await provision();
  assert.equal(await get(again, 'a'), 'kept');
  await assert.rejects(get(made, 'a'), { name: 'InvalidAccessKeyId' });
  made = again;
});

test('a bucket whose books are lost is down, with what to do, and up again once they are back', async () => {
  const account = join(folder, 'objects', 'accounts', id);
  await provider.stopAll();
  await rename(join(account, 'index.sqlite'), join(account, 'kept.sqlite'));
  provider = openProvider();
  const health = async () => {
    for (;;) {
      const changed = new Promise<void>((resolve) => {
        const stop = provider.onChange(() => {
          stop();
          resolve();
        });
      });
      const now = await provider.ensureRunning(id, made.resource, plan);
      if (now.kind !== 'starting') return now;
      await changed;
    }
  };
  const lost = await health();
  assert.match(lost.kind === 'down' ? lost.reason : lost.kind, /missing or empty.*Put it .* back/);
  for (const name of await readdir(account)) if (name.startsWith('index.')) await rm(join(account, name));
  await rename(join(account, 'kept.sqlite'), join(account, 'index.sqlite'));
  assert.deepEqual(await health(), { kind: 'up' });
  assert.equal(await get(made, 'a'), 'kept');
});

test('a bucket that is destroyed leaves nothing, and destroying it again is no error', async () => {
  await provider.deprovision(id);
  assert.deepEqual(await readdir(join(folder, 'objects', 'accounts')), []);
  await assert.rejects(get(made, 'a'), { name: 'InvalidAccessKeyId' });
  await provider.deprovision(id);
});

test('a second process does not run the same folder', async () => {
  const { runStore } = await import('../../objects/run-store.ts');
  const root = join(folder, 'objects');
  await assert.rejects(
    runStore({ root, port: 0, mediaDomain: undefined, onFault: () => {} }),
    /Another process runs the object store/,
  );
  assert.equal(await stopStore(root), true);
  assert.equal(await stopStore(root), false);
});
