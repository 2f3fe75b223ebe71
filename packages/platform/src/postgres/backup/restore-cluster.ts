import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import { assertRoom } from '../../files/disk-room.ts';
import type { PostgresBinaries } from '../binaries.ts';
import { type Cluster, openCluster, removeCluster } from '../cluster.ts';
import { ClusterError } from '../cluster-error.ts';
import { runProgram } from '../run-program.ts';
import { withSuperuser } from '../superuser.ts';
import type { ClusterTemplate } from '../template.ts';
import type { ServerSettings } from '../tuning.data.ts';
import { isRoot } from '../unprivileged.ts';
import { type BaseBackup, type BaseBackups, DamagedBackup } from './base-backups.ts';
import { type LogOptions, layOutLog, logBytes } from './lay-out-log.ts';

export interface RestoreOptions extends LogOptions {
  readonly binaries: PostgresBinaries;
  readonly template: ClusterTemplate;
  readonly backups: BaseBackups;
  /** `newest`: from the newest base backup or not at all. Absent: from an older one where the newest is damaged. */
  readonly base?: 'newest';
  /** Told of a damaged base backup in whose place an older one is taken. */
  readonly onPassedOver?: (reason: string) => void;
  /** Absolute; made, and the cluster's alone. What is there of an earlier attempt is removed. */
  readonly folder: string;
  /** Names the Unix socket only: what is restored listens nowhere else. */
  readonly port: number;
  readonly uid: number;
  readonly settings: ServerSettings;
}

/** The moments that can be restored; undefined while there is no backup. */
export const restorableSince = (backups: readonly BaseBackup[]): Date | undefined => {
  const [first] = backups.map((backup) => backup.finishedAtMs).sort((a, b) => a - b);
  return first === undefined ? undefined : new Date(first);
};

/** The backups that were over by then, the latest first. @throws ClusterError that says from when on there is one. */
const backupsBefore = (backups: readonly BaseBackup[], until: Date | undefined): readonly BaseBackup[] => {
  const limit = until?.getTime() ?? Number.POSITIVE_INFINITY;
  const chosen = backups.filter((backup) => backup.finishedAtMs <= limit).toReversed();
  if (chosen.length > 0) return chosen;
  const since = restorableSince(backups);
  throw new ClusterError(
    since === undefined
      ? 'There is no base backup of this database yet; the first one is made within a minute of its creation.'
      : `This database can be restored as it was at ${since.toISOString()} or later; asked for was ${until?.toISOString()}.`,
  );
};

/**
 * Restores a cluster beside the living one: a base backup, and the archived log up to a moment. It runs when this
 * returns, writable and on a timeline of its own; its caller stops it.
 * @throws NoRoom
 * @throws ClusterError when the moment is out of reach or a file is damaged; nothing is left then.
 */
export const restoreCluster = async (options: RestoreOptions, signal?: AbortSignal): Promise<Cluster> => {
  const all = await options.backups.list();
  const candidates = backupsBefore(all, options.until);
  const next = all[all.findIndex((backup) => backup.name === candidates[0]?.name) + 1];
  const damages: string[] = [];
  for (const [index, backup] of candidates.entries()) {
    try {
      return await recover(options, backup, next, signal);
    } catch (error) {
      await removeCluster(options.folder);
      const older = options.base === 'newest' ? undefined : candidates[index + 1];
      if (!(error instanceof DamagedBackup) || older === undefined) throw withDamages(error, damages);
      damages.push(error.message);
      options.onPassedOver?.(`${error.message} The older one ${older.name} is taken, and the log since.`);
    }
  }
  throw new ClusterError(damages.join(' '));
};

/** What failed, after what was wrong with the backups that were tried before. */
const withDamages = (error: unknown, damages: readonly string[]): unknown => {
  if (damages.length === 0 || !(error instanceof ClusterError)) return error;
  return new ClusterError(`${damages.join(' ')} From an older one: ${error.message}`, { cause: error });
};

const recover = async (
  options: RestoreOptions,
  backup: BaseBackup,
  next: BaseBackup | undefined,
  signal: AbortSignal | undefined,
): Promise<Cluster> => {
  const { folder, uid, settings } = options;
  await removeCluster(folder);
  const data = join(folder, 'data');
  await mkdir(data, { recursive: true, mode: 0o700 });
  await assertRoom(data, backup.sizeBytes + (await logBytes(options, backup, next)), 'A restore');
  await unpack(options, backup, data);
  const target = await layOutLog(options, backup, join(data, 'pg_wal'));
  await writeFile(join(data, 'recovery.signal'), '');
  if (isRoot()) await runProgram('chown', ['-R', `${uid}:${uid}`, data], { signal });
  await chmod(data, 0o700);
  const cluster = await openCluster({
    binaries: options.binaries,
    template: options.template,
    folder,
    port: options.port,
    tcp: false,
    uid,
    settings: {
      ...settings,
      // The whole log is in place already.
      restore_command: 'false',
      ...target,
      // Nobody is let in before it is where it should be.
      hot_standby: false,
      archive_mode: false,
      fsync: false,
    },
  });
  await cluster.start(signal);
  return cluster;
};

/** Unpacks a base backup into a folder. @throws ClusterError when it is damaged. */
export const unpack = async (
  { backups }: Pick<RestoreOptions, 'backups'>,
  backup: BaseBackup,
  data: string,
): Promise<void> => {
  const tar = spawn('tar', ['-x', '--no-same-owner', '-C', data, '-f', '-'], { stdio: ['pipe', 'ignore', 'pipe'] });
  const ended = once(tar, 'close');
  let said = '';
  tar.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-500);
  });
  const fed = backups.unpack(backup, tar.stdin);
  const [failure] = await Promise.all([fed.catch((error: unknown) => error), ended]);
  // Where tar has ended first, the reason is its own.
  const fromTar = !(failure instanceof Error) || isBrokenPipe(failure.cause);
  if (tar.exitCode !== 0 && fromTar) {
    throw new ClusterError(`The base backup could not be unpacked: ${said.trim() || 'tar failed'}`, { cause: failure });
  }
  if (failure) throw failure;
};

const isBrokenPipe = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_PREMATURE_CLOSE');

/** Runs `work` as superuser in a restored cluster, then stops the server, with everything on disk. */
export const finishRestored = async (
  cluster: Cluster,
  data: string,
  database: string,
  work: (client: pg.Client) => Promise<void>,
): Promise<void> => {
  await withSuperuser(cluster.superuser, database, work);

  await cluster.stop();
  await syncData(data);
};

/** Puts all of a folder on the disk that a server without fsync has written. */
export const syncData = async (data: string): Promise<void> => {
  await runProgram('find', [data, '-type', 'f', '-exec', 'sync', '{}', '+']);
  await runProgram('find', [data, '-type', 'd', '-exec', 'sync', '{}', '+']);
};
