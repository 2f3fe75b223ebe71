import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { locateBinaries, type PostgresBinaries } from '../binaries.ts';
import { type Cluster, openCluster, removeCluster } from '../cluster.ts';
import { withSuperuser } from '../superuser.ts';
import { ClusterTemplate } from '../template.ts';
import { templatesFolder } from '../testing/templates-folder.ts';
import { addOnSettings } from '../tuning.data.ts';
import { Archivist } from './archivist.ts';
import { lastDrill } from './drill.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { restoreCluster } from './restore-cluster.ts';

const port = 24_000 + (process.pid % 900);
const uid = 300_900;
const inTurn = oneAtATime();
const settings = addOnSettings(20);
let root: string;
let binaries: PostgresBinaries;
let template: ClusterTemplate;
let cluster: Cluster;
let archivist: Archivist;

const sql = (of: Cluster, text: string): Promise<string[]> =>
  withSuperuser(of.superuser, 'app', async (client) => {
    const { rows } = await client.query({ text, rowMode: 'array' });
    return rows.map((row: unknown[]) => row.join('|'));
  });

const open = () =>
  openCluster({
    binaries,
    template,
    folder: join(root, 'db'),
    port,
    tcp: false,
    uid,
    settings,
    archive: true,
    bootstrap: [],
  });

const newArchivist = () =>
  new Archivist({
    folder: join(root, 'db'),
    server: cluster.superuser,
    keptDays: 1,
    oneAtATime: inTurn,
    onTrouble: () => {},
    restore: { binaries, template, port, uid, settings },
  });

const restore = (until?: Date) =>
  restoreCluster({
    binaries,
    template,
    backups: archivist.backups,
    archive: archivist.archive,
    ...(until && { until }),
    folder: join(root, 'restored'),
    port,
    uid,
    settings,
  });

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'ravine-backup-'));
  await chmod(root, 0o755);
  binaries = await locateBinaries(join(root, 'runtimes'));
  template = new ClusterTemplate(binaries, templatesFolder(root));
  cluster = await open();
  await cluster.start();
  archivist = newArchivist();
});

after(async () => {
  await archivist.close();
  await removeCluster(join(root, 'db'));
  await removeCluster(join(root, 'restored'));
  await rm(root, { recursive: true, force: true });
});

test('a point in time is restored between two rows, and the living cluster is left alone', async () => {
  await archivist.baseBackup();
  await sql(cluster, 'CREATE TABLE events (n int, at timestamptz DEFAULT clock_timestamp())');
  await sql(cluster, 'INSERT INTO events VALUES (1)');
  await sql(cluster, 'SELECT pg_sleep(0.02)');
  const [between = ''] = await sql(cluster, 'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint');
  await sql(cluster, 'SELECT pg_sleep(0.02)');
  await sql(cluster, 'INSERT INTO events VALUES (2)');
  await archivist.flush();
  const restored = await restore(new Date(Number(between)));
  assert.deepEqual(await sql(restored, 'SELECT n FROM events'), ['1']);
  await sql(restored, 'INSERT INTO events VALUES (99)');
  await restored.stop();
  assert.deepEqual(await sql(cluster, 'SELECT n FROM events ORDER BY n'), ['1', '2']);
});

test('a long transaction that ends after the moment leaves no trace in what is restored', async () => {
  const [moment = ''] = await withSuperuser(cluster.superuser, 'app', async (client) => {
    await client.query('BEGIN; CREATE TABLE long_one (text text)');
    const fill = 'INSERT INTO long_one SELECT repeat(md5(n::text), 10) FROM generate_series(1, 10000) n';
    await client.query(fill);
    await sql(cluster, 'CREATE TABLE short_one (n int)');
    await sql(cluster, 'SELECT pg_sleep(0.02)');
    const at = await sql(cluster, 'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint');
    await client.query(fill);
    await client.query('COMMIT');
    return at;
  });
  await archivist.flush();
  const restored = await restore(new Date(Number(moment)));
  const tables = "SELECT relname FROM pg_class WHERE relname IN ('long_one', 'short_one')";
  assert.deepEqual(await sql(restored, tables), ['short_one']);
  await restored.stop();
  await sql(cluster, 'DROP TABLE long_one, short_one');
  await archivist.flush();
});

test('all that is archived is restored when no moment is given, and also when nothing came after the moment', async () => {
  for (const until of [undefined, new Date(Date.now() + 3_600_000)]) {
    const restored = await restore(until);
    assert.deepEqual(await sql(restored, 'SELECT n FROM events ORDER BY n'), ['1', '2']);
    await restored.stop();
  }
});

test('a moment before the first base backup is refused, with the first one that can be had', async () => {
  const [first] = await archivist.backups.list();
  const since = new Date(first?.finishedAtMs ?? 0).toISOString();
  await assert.rejects(restore(new Date(2020, 1, 1)), new RegExp(`as it was at ${since} or later`));
});

test('a base backup is not begun on a disk without room for it, and the reason says how much it takes', async () => {
  const before = await archivist.backups.list();
  const tooMuch = archivist.backups.take(cluster.superuser, 1e15);
  await assert.rejects(tooMuch, /needs up to \d+ MB of free disk, and there are \d+ MB/);
  assert.deepEqual(await archivist.backups.list(), before);
});

test('a drill restores the newest backup beside, reads all of it, and leaves a result and nothing else', async () => {
  const drill = await archivist.drill();
  assert.match(drill.detail, /^\d+ tables and \d+ indexes read$/);
  assert.equal(drill.succeeded, true);
  assert.deepEqual(await lastDrill(join(root, 'db')), drill);
  assert.equal((await readdir(join(root, 'db'))).includes('drill'), false);
});

test('the log is kept compressed, and a damaged or absent file of it is told instead of passed over', async () => {
  await archivist.archive.shelve();
  const shelf = join(root, 'db', 'archive', 'wal');
  assert.deepEqual(
    (await readdir(join(root, 'db', 'wal'))).filter((name) => /^[0-9A-F]{24}$/.test(name)),
    [],
  );
  const [backup] = await archivist.backups.list();
  const names = (await readdir(shelf)).sort();
  const needed = names.filter((name) => name.slice(8, 24) >= (backup?.firstSegment ?? '').slice(8, 24));
  assert.ok(needed.length >= 2, needed.join());
  await archivist.baseBackup();
  await sql(cluster, 'INSERT INTO events VALUES (3)');
  await archivist.flush();
  await archivist.archive.shelve();
  const last = (await readdir(shelf)).sort().at(-1) ?? '';
  await truncate(join(shelf, last), 100);
  await assert.rejects(restore(), new RegExp(`${last.slice(0, 24)} is damaged`));
  await rm(join(shelf, (await readdir(shelf)).sort().at(-2) ?? ''));
});

test('a gap in the log is told', async () => {
  for (const n of [4, 5]) {
    await sql(cluster, `INSERT INTO events VALUES (${n})`);
    await archivist.flush();
  }
  await assert.rejects(restore(), /has a gap|damaged/);
});

test('a damaged base backup is told', async () => {
  const backup = await archivist.baseBackup();
  const file = join(root, 'db', 'archive', 'base', backup.name, 'base.tar.zst');
  await truncate(file, backup.storedBytes - 1000);
  await assert.rejects(restore(), /base backup .* (is damaged|could not be unpacked)/);
});

test('a clock that is set back puts no backup off, removes none, and leaves every moment restorable', async () => {
  const before = await archivist.backups.list();
  const last = before.at(-1);
  const file = join(root, 'db', 'archive', 'base', last?.name ?? '', 'backup.json');
  const about = JSON.parse(await readFile(file, 'utf8'));
  // Made when the clock was three days ahead.
  await writeFile(file, JSON.stringify({ ...about, finishedAtMs: about.finishedAtMs + 3 * 24 * 60 * 60 * 1000 }));
  await archivist.close();
  archivist = newArchivist();
  while ((await archivist.backups.list()).length === before.length) await sleep(20);
  const all = await archivist.backups.list();
  assert.deepEqual(
    all.slice(0, -1).map(({ name }) => name),
    before.map(({ name }) => name),
  );
  await sql(cluster, 'INSERT INTO events VALUES (6)');
  await archivist.flush();
  const restored = await restore(new Date());
  assert.deepEqual(await sql(restored, 'SELECT n FROM events WHERE n = 6'), ['6']);
  await restored.stop();
});

test('what is past its time is removed, and the log before the oldest backup with it', async () => {
  await archivist.close();
  await using strict = new Archivist({
    folder: join(root, 'db'),
    server: cluster.superuser,
    keptDays: 0,
    oneAtATime: inTurn,
    onTrouble: () => {},
    restore: { binaries, template, port, uid, settings },
  });
  await strict.baseBackup();
  await strict.flush();
  await strict.baseBackup();
  const all = await strict.backups.list();
  assert.equal(all.length, 1);
  await strict.archive.shelve();
  for (const name of await strict.archive.files()) {
    if (/^[0-9A-F]{24}$/.test(name)) assert.ok(name >= (all[0]?.firstSegment ?? ''));
  }
  const restored = await restore();
  await restored.stop();
});
