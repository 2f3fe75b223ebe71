import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { AddOnId } from '../domain/ids.ts';
import { findCluster, removeCluster } from '../postgres/cluster.ts';
import { FileRecords, startReconciler } from './reconciler-process.fixture.ts';

const never = new AbortController().signal;
const firstPort = 30_100 + (process.pid % 2_000);
let root: string;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'ravine-reconciler-'));
  await chmod(root, 0o755);
});

after(async () => {
  for (const name of await readdir(join(root, 'addons'))) await removeCluster(join(root, 'addons', name));
  await rm(root, { recursive: true, force: true });
});

const newRecord = (service = 'heroku-postgresql') => {
  const id = randomUUID() as AddOnId; // A fresh UUID is what an AddOnId is.
  new FileRecords(root).insert({
    id,
    name: `postgresql-curved-${id.slice(0, 5)}`,
    service,
    plan: 'heroku-postgresql:essential-0',
    state: 'provisioning',
    resource: {},
    failureReason: null,
  });
  return id;
};

const select = async (id: AddOnId): Promise<unknown> => {
  const client = new pg.Client({ connectionString: new FileRecords(root).config(id).URL });
  await client.connect();
  try {
    return (await client.query('SELECT 1 AS one')).rows[0];
  } finally {
    await client.end();
  }
};

test('an add-on is made, kept running and removed as its row asks', async () => {
  const reconciler = await startReconciler(root, firstPort);
  const records = new FileRecords(root);
  try {
    const id = newRecord();
    assert.deepEqual(await reconciler.settled(id, never), { kind: 'provisioned' });
    assert.deepEqual(await select(id), { one: 1 });
    records.change(id, { state: 'deprovisioning' });
    assert.deepEqual(await reconciler.settled(id, never), { kind: 'gone' });
    await assert.rejects(stat(join(root, 'addons', id)), /ENOENT/);
  } finally {
    await reconciler.close();
  }
});

test('an add-on that cannot be made is given up with the reason, and nothing of it stays', async () => {
  const reconciler = await startReconciler(root, firstPort);
  try {
    const id = newRecord('memcachier');
    const settled = await reconciler.settled(id, never);
    assert.ok(settled.kind === 'failed' && settled.reason.includes('memcachier'));
    while ((await new FileRecords(root).live()).some((row) => row.id === id)) await reconciler.settled(id, never);
  } finally {
    await reconciler.close();
  }
});

test('an add-on whose row asks for removal while it is being made is removed', async () => {
  const reconciler = await startReconciler(root, firstPort);
  try {
    const id = newRecord();
    reconciler.onChange();
    while (!(await stat(join(root, 'addons', id)).catch(() => undefined))) await sleep(5);
    new FileRecords(root).change(id, { state: 'deprovisioning' });
    assert.deepEqual(await reconciler.settled(id, never), { kind: 'gone' });
    await assert.rejects(stat(join(root, 'addons', id)), /ENOENT/);
  } finally {
    await reconciler.close();
  }
});

const reconcilerProcess = (): ChildProcess =>
  spawn(
    process.execPath,
    [fileURLToPath(new URL('reconciler-process.fixture.ts', import.meta.url)), root, String(firstPort)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );

const kill9 = async (child: ChildProcess): Promise<void> => {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
};

test('provisioning survives kill -9 of its process at any moment, and the database then runs on under the same pid', async () => {
  const id = newRecord();
  for (const afterMs of [180, 260, 340, 420]) {
    const child = reconcilerProcess();
    await sleep(afterMs);
    await kill9(child);
  }
  const child = reconcilerProcess();
  await once(child.stdout as NodeJS.ReadableStream, 'data'); // Says that all is settled; stdout is a pipe.
  await kill9(child);
  const pid = await findCluster(join(root, 'addons', id));
  assert.deepEqual(await select(id), { one: 1 });
  const reconciler = await startReconciler(root, firstPort);
  try {
    assert.deepEqual(await reconciler.settled(id, never), { kind: 'provisioned' });
    assert.equal(await findCluster(join(root, 'addons', id)), pid);
    process.kill(pid as number, 'SIGKILL'); // Not undefined: it has just answered.
    while ([undefined, pid].includes(await findCluster(join(root, 'addons', id)))) await sleep(10);
  } finally {
    await reconciler.close();
  }
  assert.match(await readFile(join(root, 'addons', id, 'server.log'), 'utf8'), /ready to accept connections/);
});
