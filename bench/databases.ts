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
import { cpuMicroseconds } from './router/cpu-time.ts';

const plan = resolvePlan('heroku-postgresql:standard-0');
const never = new AbortController().signal;
const quiet = { onProgress: () => {}, onWarning: () => {}, signal: never };
const mb = 1024 * 1024;
const settleMs = 10_000;
const idleMs = 20_000;

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
  const untilBase = async (id: AddOnId): Promise<void> => {
    while (!(await provider.backupFacts(id)).lastBase) await sleep(500);
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
    await untilBase(target.id);
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
    const ids = (await readdir(folder)) as AddOnId[]; // each folder has its database's id for a name
    const servers = await Promise.all(ids.map((name) => postmasterOf(join(folder, name, 'data'))));
    for (const one of ids) await untilBase(one);
    await sleep(settleMs);
    const cpuOf = (pids: readonly number[]) => pids.reduce((sum, pid) => sum + cpuMicroseconds(pid), 0);
    const [busyBefore, keeperBefore] = [cpuOf(servers), process.cpuUsage()];
    await sleep(idleMs);
    const serversCpu = (cpuOf(servers) - busyBefore) / idleMs / 10;
    const { user, system } = process.cpuUsage(keeperBefore);
    const keeperCpu = (user + system) / idleMs / 10;
    const idle = await Promise.all(servers.map(proportionalMb));
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
        { what: `CPU of ${servers.length} idle ones, all servers`, value: serversCpu, unit: '% of a core' },
        { what: 'CPU of whoever looks after them and their backups', value: keeperCpu, unit: '% of a core' },
      ],
      values: {
        database_mb: sizeBytes / mb,
        base_backup_s: base.seconds,
        fork_s: fork.seconds,
        dump_s: dump.seconds,
        restore_s: restore.seconds,
        create_s: createSeconds,
        idle_mb: idleMb,
        idle_cpu_percent: serversCpu,
        idle_keeper_cpu_percent: keeperCpu,
      },
      method: `A database of ${Math.round(sizeBytes / mb)} MB, 3,400,000 rows of hexadecimal digits and times with a primary key, vacuumed; stored it takes ${Math.round(base.made.storedBytes / mb)} MB as a base backup and ${Math.round(dump.made / mb)} MB as a dump. Memory is PSS of all processes of a server ${(settleMs + idleMs) / 1000} s after the first base backup of the last one, CPU is that of the last ${idleMs / 1000} s.`,
    };
  } finally {
    await provider.stopAll();
    for (const name of await readdir(folder)) await removeCluster(join(folder, name));
    await rm(root, { recursive: true, force: true });
  }
};

const postmasterOf = async (data: string): Promise<number> =>
  Number.parseInt(await readFile(join(data, 'postmaster.pid'), 'utf8'), 10);

/** Of a server with its children. */
const proportionalMb = async (postmaster: number): Promise<number> => {
  const children = (await readFile(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8')).trim().split(' ');
  let total = 0;
  for (const pid of [postmaster, ...children.filter(Boolean)]) {
    const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
    total += Number(/^Pss: +(\d+) kB$/m.exec(text)?.[1] ?? 0);
  }
  return total / 1024;
};
