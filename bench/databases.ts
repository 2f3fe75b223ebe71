import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { chmod, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { resolvePlan } from '../packages/platform/src/addons/catalogue.ts';
import { PostgresProvider } from '../packages/platform/src/addons/providers/postgres.ts';
import { dumpContent, restoreContent } from '../packages/platform/src/addons/providers/postgres-content.ts';
import type { AddOnId } from '../packages/platform/src/domain/ids.ts';
import { locateBinaries } from '../packages/platform/src/postgres/binaries.ts';
import { removeCluster } from '../packages/platform/src/postgres/cluster.ts';
import { withSuperuser } from '../packages/platform/src/postgres/superuser.ts';
import { ClusterTemplate } from '../packages/platform/src/postgres/template.ts';
import type { Result } from './result.ts';

const plan = resolvePlan('heroku-postgresql:standard-0');
const never = new AbortController().signal;
const quiet = { onProgress: () => {}, onWarning: () => {}, signal: never };
const mb = 1024 * 1024;

const timed = async <T>(work: () => Promise<T>): Promise<{ seconds: number; made: T }> => {
  const from = performance.now();
  const made = await work();
  return { seconds: (performance.now() - from) / 1000, made };
};

/** What making, keeping, backing up and restoring a database costs. @param count of idle ones */
export const databases = async (count: number): Promise<Result> => {
  const root = await mkdtemp(join(tmpdir(), 'ravine-bench-'));
  await chmod(root, 0o755);
  const folder = join(root, 'addons');
  const binaries = await locateBinaries(join(root, 'runtimes'));
  const template = new ClusterTemplate(binaries, join(root, 'runtimes'));
  const provider = new PostgresProvider({ binaries, template, folder, ports: { from: 36_000, to: 36_400 } });
  const create = (options?: Record<string, string>) => {
    const id = randomUUID() as AddOnId; // A fresh UUID is what an AddOnId is.
    const request = { id, name: `postgresql-${id}`, plan, ...(options && { options }) };
    return timed(async () => ({ id, ...(await provider.provision(request, never)) }));
  };
  try {
    await create(); // The first one makes the template.
    const first = await create();
    const { id, resource } = first.made;
    const running = provider.running(id, resource);
    await withSuperuser(running.server, running.database, (client) =>
      client.query(
        `CREATE TABLE events AS SELECT n, md5(n::text) || md5((n * 7)::text) AS text, now() AS at FROM generate_series(1, 3400000) n;
         ALTER TABLE events OWNER TO ${running.user}; ALTER TABLE events ADD PRIMARY KEY (n)`,
      ),
    );
    // As autovacuum does within a minute; the first reading of fresh rows would else write all pages, and log them.
    await withSuperuser(running.server, running.database, (client) => client.query('VACUUM'));
    const archivist = provider.archivistOf(id);
    await archivist.flush();
    await archivist.archive.shelve();
    const { sizeBytes } = await provider.info(id, resource);
    const base = await timed(() => archivist.baseBackup());
    const file = join(root, 'a.dump');
    const dump = await timed(() => dumpContent(running, file, quiet));
    // Into another one, so that the fork has no log of a restore to replay.
    const target = (await create()).made;
    const password = new URL(target.config.URL ?? '').password;
    const restore = await timed(() =>
      restoreContent(
        provider.running(target.id, target.resource),
        password,
        { source: createReadStream(file, { highWaterMark: mb }), mark: 'bench', extensions: [] },
        quiet,
      ),
    );
    const moment = new Date();
    await sleep(20);
    await withSuperuser(running.server, running.database, (client) =>
      client.query('DELETE FROM events WHERE n % 2 = 0'),
    );
    const fork = await create({ from: id, until: moment.toISOString() });
    const forked = provider.running(fork.made.id, fork.made.resource);
    const rows = await withSuperuser(forked.server, forked.database, async (client) => {
      const { rows } = await client.query<{ count: string }>('SELECT count(*) FROM events');
      return Number(rows[0]?.count);
    });
    if (rows !== 3_400_000) throw new Error(`the fork has ${rows} rows`);
    const made = [];
    for (let n = 0; n < count; n++) made.push((await create()).seconds);
    await sleep(20_000);
    const idle = await Promise.all((await readdir(folder)).map((name) => proportionalMb(join(folder, name, 'data'))));
    const idleMb = idle.slice().sort((a, b) => a - b)[Math.floor(idle.length / 2)] ?? 0;
    const createSeconds = made.reduce((sum, one) => sum + one, 0) / made.length;
    return {
      rows: [
        { what: 'base backup', value: base.seconds, unit: 's', goal: 6 },
        { what: 'fork to a moment, until it takes logins', value: fork.seconds, unit: 's', goal: 10 },
        { what: 'dump (pg:backups:capture)', value: dump.seconds, unit: 's', goal: 6 },
        { what: 'restore of the dump', value: restore.seconds, unit: 's', goal: 10 },
        { what: `creation, mean of ${count}`, value: createSeconds, unit: 's', goal: 1 },
        { what: 'memory of an idle one, median', value: idleMb, unit: 'MB', goal: 10 },
      ],
      values: {
        database_mb: sizeBytes / mb,
        base_backup_s: base.seconds,
        fork_s: fork.seconds,
        dump_s: dump.seconds,
        restore_s: restore.seconds,
        create_s: createSeconds,
        idle_mb: idleMb,
      },
      method: `A database of ${Math.round(sizeBytes / mb)} MB, 3,400,000 rows of hexadecimal digits and times with a primary key, vacuumed; stored it takes ${Math.round(base.made.storedBytes / mb)} MB as a base backup and ${Math.round(dump.made / mb)} MB as a dump. Memory is PSS of all processes of a server 20 s after the last one was made.`,
    };
  } finally {
    await provider.stopAll();
    for (const name of await readdir(folder)) await removeCluster(join(folder, name));
    await rm(root, { recursive: true, force: true });
  }
};

/** Of the server that runs in a folder, with its children. */
const proportionalMb = async (data: string): Promise<number> => {
  const postmaster = Number.parseInt(await readFile(join(data, 'postmaster.pid'), 'utf8'), 10);
  const children = (await readFile(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8')).trim().split(' ');
  let total = 0;
  for (const pid of [postmaster, ...children.filter(Boolean)]) {
    const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
    total += Number(/^Pss: +(\d+) kB$/m.exec(text)?.[1] ?? 0);
  }
  return total / 1024;
};
