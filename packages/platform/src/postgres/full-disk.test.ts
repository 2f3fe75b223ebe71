import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Archivist } from './backup/archivist.ts';
import { oneAtATime } from './backup/one-at-a-time.ts';
import { restoreCluster } from './backup/restore-cluster.ts';
import { locateBinaries, type PostgresBinaries } from './binaries.ts';
import { type Cluster, openCluster, removeCluster } from './cluster.ts';
import { type ClusterKeeper, keepRunning } from './keep-running.ts';
import { withSuperuser } from './superuser.ts';
import { ClusterTemplate } from './template.ts';
import { templatesFolder } from './testing/templates-folder.ts';
import { addOnSettings } from './tuning.data.ts';

const run = promisify(execFile);
const port = 25_000 + (process.pid % 900);
const uid = 300_903;
const settings = addOnSettings(20);
const payloadBytes = 100_000;
let root: string;
let disk: string;
let binaries: PostgresBinaries;
let template: ClusterTemplate;
let cluster: Cluster;
let keeper: ClusterKeeper;
let archivist: Archivist;
/** Every reason that there was no backup. */
const troubles: (string | null)[] = [];
const acknowledged: number[] = [];

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'ravine-full-'));
  await chmod(root, 0o755);
  disk = join(root, 'disk');
  await run('mkdir', [disk]);
  await run('mount', ['-t', 'tmpfs', '-o', 'size=320m,mode=755', 'tmpfs', disk]);
  binaries = await locateBinaries(join(root, 'runtimes'));
  template = new ClusterTemplate(binaries, templatesFolder(root));
  const parts = { binaries, template, port, uid, settings };
  cluster = await openCluster({ ...parts, folder: join(disk, 'db'), tcp: false, archive: true, bootstrap: [] });
  keeper = keepRunning(cluster);
  await keeper.running();
  archivist = new Archivist({
    folder: join(disk, 'db'),
    server: cluster.superuser,
    keptDays: 1,
    oneAtATime: oneAtATime(),
    onTrouble: (reason) => troubles.push(reason),
    restore: parts,
  });
});

after(async () => {
  await archivist.close();
  await keeper.close();
  await removeCluster(join(disk, 'db'));
  await removeCluster(join(root, 'restored'));
  await run('umount', [disk]);
  await rm(root, { recursive: true, force: true });
});

const query = <Row extends object>(text: string, of: Cluster = cluster): Promise<readonly Row[]> =>
  withSuperuser(of.superuser, 'app', async (client) => (await client.query<Row>(text)).rows);

/** Commits a row of a hundred kilobytes that don't compress. */
const insert = async (n: number): Promise<void> => {
  const words = payloadBytes / 32;
  await query(`INSERT INTO rows SELECT ${n}, string_agg(md5(random()::text), '') FROM generate_series(1, ${words})`);
  acknowledged.push(n);
};

const lengths = (of: Cluster) =>
  query<{ n: number; length: number }>('SELECT n, length(payload) FROM rows ORDER BY n', of);

test('a database on a full disk refuses what it can’t keep and says why', async () => {
  await query('CREATE TABLE rows (n int, payload text)');
  while ((await archivist.backups.list()).length === 0) await sleep(20);
  for (let n = 1; n <= 10; n++) await insert(n);
  const { bavail, bsize } = await statfs(disk);
  await run('fallocate', ['--length', String(bavail * bsize), join(disk, 'of-somebody-else')]);
  let refused: unknown;
  for (let n = 11; refused === undefined; n++)
    await insert(n).catch((error: unknown) => {
      refused = error;
    });
  const said = String(refused);
  // The server ends where it can't write its log; else the statement alone is refused.
  if (!/No space left on device/.test(said)) {
    while (keeper.state.kind !== 'down') await sleep(20);
    assert.match(keeper.state.reason, /[Nn]o space left on device/);
  }
});

test('that its log is not archived any more is told', async () => {
  while (!troubles.some((reason) => reason !== null)) await sleep(20);
  assert.match(String(troubles.findLast((reason) => reason !== null)), /[Nn]o space left|disk/);
});

test('once there is room it goes on by itself with all that it has acknowledged, and so do its backups', async () => {
  await rm(join(disk, 'of-somebody-else'));
  while (keeper.state.kind !== 'running') await sleep(20);
  for (let n = 10_001; (acknowledged.at(-1) ?? 0) < 10_000; n++) await insert(n).catch(() => sleep(20));
  const there = new Map((await lengths(cluster)).map(({ n, length }) => [n, length]));
  assert.deepEqual(
    acknowledged.filter((n) => there.get(n) !== payloadBytes),
    [],
  );
  while (archivist.trouble !== null) await sleep(20);
  await archivist.flush();
  const { backups, archive } = archivist;
  const parts = { binaries, template, port, uid, settings };
  const restored = await restoreCluster({ ...parts, backups, archive, folder: join(root, 'restored') });
  assert.deepEqual(await lengths(restored), await lengths(cluster));
  await restored.stop();
  await archivist.baseBackup();
});
