import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { locateBinaries, type PostgresBinaries } from './binaries.ts';
import { type Cluster, openCluster, removeCluster } from './cluster.ts';
import { keepRunning } from './keep-running.ts';
import { ClusterTemplate } from './template.ts';
import { storeSettings } from './tuning.data.ts';

const uid = 300_001;
const port = 5432;
let root: string;
let binaries: PostgresBinaries;
let template: ClusterTemplate;
let shared: Cluster;

const open = (name: string): Promise<Cluster> =>
  openCluster({
    binaries,
    template,
    folder: join(root, name),
    port,
    tcp: false,
    uid,
    settings: storeSettings,
    bootstrap: ['CREATE TABLE made (at timestamptz DEFAULT now())', 'INSERT INTO made DEFAULT VALUES'],
  });

const query = async (cluster: Cluster, sql: string): Promise<Record<string, unknown>[]> => {
  const client = new pg.Client({ ...cluster.superuser, database: 'postgres' });
  client.on('error', () => {}); // Cut off by a kill that the test did.
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
};

/** Another process that opens and starts the cluster, says its server's pid, and stays. */
const ownerProcess = (name: string): ChildProcess => {
  const from = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
  const source = `
    const { locateBinaries } = await import(${from('./binaries.ts')});
    const { openCluster } = await import(${from('./cluster.ts')});
    const { ClusterTemplate } = await import(${from('./template.ts')});
    const binaries = await locateBinaries(${JSON.stringify(join(root, 'runtimes'))});
    const template = new ClusterTemplate(binaries, ${JSON.stringify(join(root, 'templates'))});
    const settings = ${JSON.stringify(storeSettings)};
    const folder = ${JSON.stringify(join(root, name))};
    const cluster = await openCluster({ binaries, template, folder, port: ${port}, tcp: false, uid: ${uid}, settings,
      bootstrap: ['CREATE TABLE made (at timestamptz DEFAULT now())', 'INSERT INTO made DEFAULT VALUES'] });
    console.log(await cluster.start());
    setInterval(() => {}, 60_000);`;
  return spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'pipe', 'inherit'] });
};

const kill9 = async (child: ChildProcess): Promise<void> => {
  const gone = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined;
  child.kill('SIGKILL');
  await gone;
};

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'ravine-postgres-'));
  await chmod(root, 0o755);
  binaries = await locateBinaries(join(root, 'runtimes'));
  template = new ClusterTemplate(binaries, join(root, 'templates'));
  shared = await open('shared');
  await shared.start();
});

after(async () => {
  for (const name of await readdir(root)) {
    if (name !== 'runtimes' && name !== 'templates') await removeCluster(join(root, name));
  }
  await rm(root, { recursive: true, force: true });
});

test('a fresh cluster has run its bootstrap statements and lets only whoever runs Ravine in without a password', async () => {
  assert.equal((await query(shared, 'SELECT * FROM made')).length, 1);
  const stranger = new pg.Client({ ...shared.superuser, user: 'nobody', database: 'postgres', password: 'guess' });
  await assert.rejects(stranger.connect(), /password authentication failed/);
});

test('a cluster is durable: fsync, full pages, synchronous commit and checksums are on', async () => {
  const rows = await query(
    shared,
    "SELECT setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums')",
  );
  assert.deepEqual(
    rows.map((row) => row.setting),
    ['on', 'on', 'on', 'on'],
  );
});

test('a second opening adopts the running server and does not start another', async () => {
  const pid = await shared.pid();
  assert.equal(await (await open('shared')).start(), pid);
});

test('a server outlives the kill -9 of the process that started it and is adopted with the same pid', async () => {
  const owner = ownerProcess('orphaned');
  const [said] = await once(owner.stdout as NodeJS.ReadableStream, 'data'); // stdout is a pipe.
  await kill9(owner);
  const cluster = await open('orphaned');
  assert.equal(await cluster.start(), Number(said));
  assert.equal((await query(cluster, 'SELECT * FROM made')).length, 1);
});

test('a cluster whose making is killed at any moment is made whole by the next attempt', async () => {
  for (const afterMs of [250, 370, 490]) {
    const name = `interrupted-${afterMs}`;
    const owner = ownerProcess(name);
    await sleep(afterMs);
    await kill9(owner);
    const cluster = await open(name);
    await cluster.start();
    assert.equal((await query(cluster, 'SELECT * FROM made')).length, 1);
    assert.deepEqual(
      (await readdir(join(root, name))).filter((entry) => entry.includes('.new-')),
      [],
    );
    await cluster.stop();
  }
});

test('a keeper brings a server that got kill -9 back with its committed rows, also from under a busy query', async () => {
  await using keeper = keepRunning(shared);
  const pid = await keeper.running();
  await query(shared, "CREATE TABLE kept AS SELECT 'yes' AS word");
  const busy = query(shared, 'SELECT count(*) FROM generate_series(1, 100000000000)').catch((error: Error) => error);
  const back = new Promise<number>((resolve) =>
    keeper.onChange((state) => state.kind === 'running' && resolve(state.pid)),
  );
  process.kill(pid, 'SIGKILL');
  assert.notEqual(await back, pid);
  assert.ok((await busy) instanceof Error);
  assert.deepEqual(await query(shared, 'SELECT word FROM kept'), [{ word: 'yes' }]);
});

test('a keeper notices the end of a server that it has adopted', async () => {
  const owner = ownerProcess('adopted');
  await once(owner.stdout as NodeJS.ReadableStream, 'data'); // stdout is a pipe.
  await kill9(owner);
  await using keeper = keepRunning(await open('adopted'));
  const pid = await keeper.running();
  const back = new Promise<number>((resolve) =>
    keeper.onChange((state) => state.kind === 'running' && resolve(state.pid)),
  );
  process.kill(pid, 'SIGKILL');
  assert.notEqual(await back, pid);
});

test('a pid file that names a process of somebody else does not keep the server from starting', async () => {
  const cluster = await open('stale');
  const pid = await cluster.start();
  process.kill(pid, 'SIGKILL');
  while ((await cluster.pid()) !== undefined) await sleep(5);
  const path = join(root, 'stale', 'data', 'postmaster.pid');
  await writeFile(path, (await readFile(path, 'utf8')).replace(/^\d+/, String(process.pid)));
  assert.notEqual(await cluster.start(), process.pid);
  await cluster.stop();
  assert.equal(await cluster.pid(), undefined);
});

test('a server that cannot start is down with the reason from its log, and comes up once that is mended', async () => {
  const cluster = await open('broken');
  const control = join(root, 'broken', 'data', 'global', 'pg_control');
  await rename(control, `${control}.away`);
  await using keeper = keepRunning(cluster);
  await assert.rejects(keeper.running(), /did not start: .*pg_control.*Its log is /s);
  assert.equal(keeper.state.kind, 'down');
  const back = new Promise<void>((resolve) => keeper.onChange((state) => state.kind === 'running' && resolve()));
  await rename(`${control}.away`, control);
  keeper.nudge();
  await back;
});

test('a bootstrap statement that fails leaves no cluster behind', async () => {
  const folder = join(root, 'refused');
  const settings = storeSettings;
  const options = { binaries, template, folder, port, tcp: false, uid, settings, bootstrap: ['CREATE NONSENSE'] };
  await assert.rejects(openCluster(options), /syntax error/);
  assert.deepEqual(await readdir(folder), ['run']);
});
