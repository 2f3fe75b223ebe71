import { access, constants, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PostgresBinaries } from '../binaries.ts';
import { ClusterError } from '../cluster-error.ts';
import type { ServerSettings } from '../tuning.data.ts';

/** Major version that made the cluster in a folder, where it isn't that of these binaries. */
export const olderMajor = async (folder: string, binaries: PostgresBinaries): Promise<string | undefined> => {
  const made = (await readFile(join(folder, 'data', 'PG_VERSION'), 'utf8').catch(() => '')).trim();
  const ours = binaries.version.split('.')[0] ?? '';
  return made !== '' && Number(made) < Number(ours) ? made : undefined;
};

/**
 * The server program of an older version: from what an older Ravine has left among the runtimes, or the machine's packages.
 * @throws ClusterError that says what to install
 */
export const findOlderServer = async (major: string, binaries: PostgresBinaries): Promise<PostgresBinaries> => {
  const { runtimes = '/' } = binaries;
  const left = (await readdir(runtimes).catch(() => [])).filter((name) => name.startsWith(`postgres-${major}.`));
  const folders = [
    ...left.map((name) => join(runtimes, name)),
    ...[`/usr/lib/postgresql/${major}`, `/usr/pgsql-${major}`, `/opt/homebrew/opt/postgresql@${major}`],
  ];
  for (const folder of folders) {
    const postgres = join(folder, 'bin', 'postgres');
    const runs = await access(postgres, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return { version: major, postgres, initdb: join(folder, 'bin', 'initdb') };
  }
  throw new ClusterError(
    `The database was made by PostgreSQL ${major}, and to read it that version's server is needed once. Install it (Debian and Ubuntu: apt-get install postgresql-${major}), then run heroku pg:upgrade:run again.`,
  );
};

/** What servers of any version that is still in use understand; nothing is written but by us. */
export const olderSettings: ServerSettings = {
  shared_buffers: '16MB',
  max_connections: 20,
  autovacuum: false,
  archive_mode: false,
  max_replication_slots: 20,
  timezone: 'UTC',
  log_timezone: 'UTC',
  log_line_prefix: '%m [%p] ',
};
