import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { locateBinaries, type PostgresBinaries } from '../binaries.ts';
import { type Cluster, openCluster, removeCluster } from '../cluster.ts';
import { withSuperuser } from '../superuser.ts';
import { ClusterTemplate } from '../template.ts';
import { templatesFolder } from '../testing/templates-folder.ts';
import { addOnSettings } from '../tuning.data.ts';
import { Archivist } from './archivist.ts';
import type { BaseBackup } from './base-backups.ts';
import { lastDrill } from './drill.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { type RestoreOptions, restoreCluster } from './restore-cluster.ts';
import { isSegment } from './wal-segments.ts';

const port = 24_900 + (process.pid % 90);
const uid = 300_901;
const settings = addOnSettings(20);
let root: string;
let binaries: PostgresBinaries;
let template: ClusterTemplate;
let cluster: Cluster;
let archivist: Archivist;

const sql = (of: Cluster, text: string): Promise<string> =>
  withSuperuser(of.superuser, 'app', async (client) => {
    const { rows } = await client.query({ text, rowMode: 'array' });
    return rows.map((row: unknown[]) => row.join('|')).join(',');
  });

const newArchivist = (onTrouble: (reason: string | null) => void = () => {}, keptDays = 1) =>
  new Archivist({
    folder: join(root, 'db'),
    server: cluster.superuser,
    keptDays,
    oneAtATime: oneAtATime(),
    onTrouble,
    restore: { binaries, template, port, uid, settings },
  });

const restore = async (change: Partial<RestoreOptions> = {}): Promise<string> => {
  const { backups, archive } = archivist;
  const folder = join(root, 'restored');
  const restored = await restoreCluster({
    ...{ binaries, template, backups, archive, folder, port, uid, settings },
    ...change,
  });
  const rows = await sql(restored, 'SELECT n FROM events ORDER BY n');
  await restored.stop();
  return rows;
};

const baseFile = (backup: BaseBackup, name: string) => join(root, 'db', 'archive', 'base', backup.name, name);
/** Gives a stored file other content until it is disposed of. */
const spoil = async (file: string, spoilIt: () => Promise<void>): Promise<AsyncDisposable> => {
  const kept = await readFile(file);
  await spoilIt();
  return { [Symbol.asyncDispose]: () => writeFile(file, kept) };
};
const halve = (backup: BaseBackup) => {
  const file = baseFile(backup, 'base.tar.zst');
  return spoil(file, () => truncate(file, Math.floor(backup.storedBytes / 2)));
};
const insert = async (n: number): Promise<string> => {
  await sql(cluster, `INSERT INTO events VALUES (${n})`);
  return archivist.flush();
};

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'ravine-damage-'));
  await chmod(root, 0o755);
  binaries = await locateBinaries(join(root, 'runtimes'));
  template = new ClusterTemplate(binaries, templatesFolder(root));
  cluster = await openCluster({
    ...{ binaries, template, folder: join(root, 'db'), port, tcp: false, uid, settings },
    ...{ archive: true, bootstrap: [] },
  });
  await cluster.start();
  archivist = newArchivist();
  await archivist.baseBackup();
  await sql(cluster, 'CREATE TABLE events (n int)');
  await insert(1);
});

after(async () => {
  await archivist.close();
  await removeCluster(join(root, 'db'));
  await removeCluster(join(root, 'restored'));
  await rm(root, { recursive: true, force: true });
});

test('where the newest base backup is damaged an older one and the log since give the same, and it is told', async () => {
  const newest = await archivist.baseBackup();
  const through = await insert(2);
  await using _ = await halve(newest);
  const told: string[] = [];
  const onPassedOver = (reason: string) => told.push(reason);
  assert.equal(await restore({ reach: { through }, onPassedOver }), '1,2');
  const [older] = (await archivist.backups.list()).toReversed().slice(1);
  assert.match(told.join(), new RegExp(`${newest.name} is damaged.* ${older?.name} is taken`));
  await assert.rejects(restore({ base: 'newest' }), /is damaged/);
});

test('a log that ends before what was committed by the moment is told, and nothing older is passed off as it', async () => {
  const through = await insert(3);
  const later = `${through.slice(0, 23)}${through.endsWith('F') ? 'E' : 'F'}`;
  assert.equal(await restore({ reach: { through } }), '1,2,3');
  if (later > through) await assert.rejects(restore({ reach: { through: later } }), /should reach .* and ends with/);
  await archivist.archive.shelve();
  const file = join(root, 'db', 'archive', 'wal', `${through}.zst`);
  await rename(file, join(root, 'kept.zst'));
  await assert.rejects(restore({ reach: { through } }), /should reach .* would be absent/);
  await rename(join(root, 'kept.zst'), file);
  // Of a database that doesn't run nobody knows whether something was committed that is not archived.
  const until = new Date(Date.now() + 3_600_000);
  await assert.rejects(restore({ until, reach: 'later' }), /nothing is archived after 20.*Choose a moment before/);
});

test('a log that lacks its beginning is told', async () => {
  const newest = (await archivist.backups.list()).at(-1);
  const file = join(root, 'db', 'archive', 'wal', `${newest?.firstSegment}.zst`);
  await rename(file, join(root, 'kept.zst'));
  await assert.rejects(restore({ base: 'newest' }), /should begin with [0-9A-F]{24} for the base backup/);
  await rename(join(root, 'kept.zst'), file);
});

test('a restore without room for it is not begun, and a drill then says it was skipped, with the figures', async () => {
  const newest = (await archivist.backups.list()).at(-1);
  assert.ok(newest);
  const file = baseFile(newest, 'backup.json');
  await using _ = await spoil(file, () => writeFile(file, JSON.stringify({ ...newest, sizeBytes: 1e15 })));
  await assert.rejects(restore(), /A restore needs up to \d+ MB of free disk, and there are \d+ MB/);
  assert.equal((await readdir(root)).includes('restored'), false);
  const drill = await archivist.drill();
  assert.deepEqual([drill.succeeded, drill.skipped, drill.failing], [false, true, undefined]);
  assert.match(drill.detail, /^skipped: no room\. A restore needs up to \d+ MB/);
});

test('while drills fail the backup that could be restored is kept beyond its time, with its log, and it is told', async () => {
  const proven = (await archivist.backups.list()).at(-1);
  assert.equal((await archivist.drill()).proven, proven?.name);
  await archivist.close();
  archivist = newArchivist();
  const broken = await archivist.baseBackup();
  {
    await using _ = await halve(broken);
    const drill = await archivist.drill();
    assert.deepEqual([drill.succeeded, drill.failing, drill.proven], [false, true, proven?.name]);
  }
  await archivist.close();
  const trouble = Promise.withResolvers<string>();
  archivist = newArchivist((reason) => reason?.includes('drill') && trouble.resolve(reason), 0);
  assert.match(await trouble.promise, /The restore drill of .* failed: .* could be restored, is kept/);
  assert.match(archivist.trouble ?? '', /drill/);
  await archivist.baseBackup();
  const names = (await archivist.backups.list()).map((backup) => backup.name);
  assert.equal(names.length, 2);
  assert.equal(names[0], proven?.name);
  const segments = (await archivist.archive.files()).filter(isSegment);
  assert.equal(segments[0], proven?.firstSegment);
  // One that succeeds ends it.
  assert.equal((await archivist.drill()).failing, undefined);
  const last = await archivist.baseBackup();
  assert.deepEqual(
    (await archivist.backups.list()).map((backup) => backup.name),
    [last.name],
  );
});

test('a backup whose notes are damaged is left out and told, and the others do their work', async () => {
  const [first] = await archivist.backups.list();
  assert.ok(first);
  await archivist.close();
  archivist = newArchivist();
  await archivist.baseBackup();
  const file = baseFile(first, 'backup.json');
  await using _ = await spoil(file, () => writeFile(file, '{"name": '));
  await archivist.close();
  const trouble = Promise.withResolvers<string>();
  archivist = newArchivist((reason) => reason?.includes('left out') && trouble.resolve(reason));
  assert.match(await trouble.promise, new RegExp(`base backup in .*${first.name} is left out`));
  assert.equal((await archivist.backups.list()).length, 1);
  assert.equal(await restore(), '1,2,3');
});

test('a drill whose result is damaged is taken for none', async () => {
  await writeFile(join(root, 'db', 'archive', 'drill.json'), 'x');
  assert.equal(await lastDrill(join(root, 'db')), undefined);
  assert.equal((await archivist.drill()).succeeded, true);
});
