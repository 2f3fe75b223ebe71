import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type pg from 'pg';
import type { PostgresBinaries } from '../binaries.ts';
import { type Cluster, openCluster, removeCluster } from '../cluster.ts';
import { ClusterError } from '../cluster-error.ts';
import { inOrder } from '../in-order.ts';
import { runProgram } from '../run-program.ts';
import { withSuperuser } from '../superuser.ts';
import type { ClusterTemplate } from '../template.ts';
import type { ServerSettings } from '../tuning.data.ts';
import { isRoot } from '../unprivileged.ts';
import type { BaseBackup, BaseBackups } from './base-backups.ts';
import { LogExtent } from './transaction-ends.ts';
import type { WalArchive } from './wal-archive.ts';
import { follows, isSegment, lsnText, placeOf } from './wal-segments.ts';

/** Files of the log that are read and decompressed side by side. */
const readAtOnce = 3;

export interface RestoreOptions {
  readonly binaries: PostgresBinaries;
  readonly template: ClusterTemplate;
  readonly backups: BaseBackups;
  readonly archive: WalArchive;
  /** The last moment whose commits are wanted; absent: all that is archived. */
  readonly until?: Date;
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

/** The latest backup that was over by then. @throws ClusterError that says from when on there is one. */
const chooseBackup = (backups: readonly BaseBackup[], until: Date | undefined): BaseBackup => {
  const limit = until?.getTime() ?? Number.POSITIVE_INFINITY;
  const chosen = backups.filter((backup) => backup.finishedAtMs <= limit).at(-1);
  if (chosen) return chosen;
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
 * @throws ClusterError when the moment is out of reach or a file is damaged; nothing is left then.
 */
export const restoreCluster = async (options: RestoreOptions, signal?: AbortSignal): Promise<Cluster> => {
  const backup = chooseBackup(await options.backups.list(), options.until);
  try {
    return await recover(options, backup, signal);
  } catch (error) {
    await removeCluster(options.folder);
    throw error;
  }
};

const recover = async (
  options: RestoreOptions,
  backup: BaseBackup,
  signal: AbortSignal | undefined,
): Promise<Cluster> => {
  const { folder, uid, settings } = options;
  await removeCluster(folder);
  const data = join(folder, 'data');
  await mkdir(data, { recursive: true, mode: 0o700 });
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

/**
 * Puts the log that follows the backup where the server looks for it, as far as it is wanted: what transactions did that
 * weren't over by the moment would be replayed for nothing.
 * @returns the settings that say where recovery ends.
 */
const layOutLog = async (
  { archive, until }: RestoreOptions,
  backup: BaseBackup,
  pgWal: string,
): Promise<ServerSettings> => {
  const extent = until && new LogExtent(until, backup.endLsn);
  let last: string | undefined;
  let passed: string[] = [];
  const put = (name: string, content: Buffer) => writeFile(join(pgWal, name), content, { mode: 0o600 });
  const names = (await archive.files()).filter((name) => isNeeded(name, backup));
  const read = async (name: string) => ({ name, content: await archive.read(name) });
  for await (const { name, content } of inOrder(Readable.from(names), readAtOnce, read)) {
    if (isSegment(name)) {
      if (last !== undefined && !follows(last, name)) throw gap(last, name);
      last = name;
    }
    if (extent && isSegment(name) && !extent.wants(name, content)) passed.push(name);
    else {
      for (const before of passed) await put(before, await archive.read(before));
      passed = [];
      await put(name, content);
    }
    if (extent?.isOver) break;
  }
  if (!extent) return {};
  const stop = extent.last ? { recovery_target_lsn: lsnText(extent.last.lsn) } : { recovery_target: 'immediate' };
  return { ...stop, recovery_target_action: 'promote' };
};

const isNeeded = (name: string, backup: BaseBackup): boolean =>
  name.endsWith('.history') || (isSegment(name) && placeOf(name) >= placeOf(backup.firstSegment));

/** Without this the server would take the gap for the end of the log, and what came later would silently be absent. */
const gap = (before: string, after: string): ClusterError =>
  new ClusterError(
    `The archived log has a gap between ${before} and ${after}, so later moments can't be restored from this backup. Choose a moment before, or one after the next base backup.`,
  );

/** Runs `work` as superuser in a restored cluster, then stops the server, with everything on disk. */
export const finishRestored = async (
  cluster: Cluster,
  data: string,
  database: string,
  work: (client: pg.Client) => Promise<void>,
): Promise<void> => {
  await withSuperuser(cluster.superuser, database, work);

  await cluster.stop();

  await runProgram('find', [data, '-type', 'f', '-exec', 'sync', '{}', '+']);
  await runProgram('find', [data, '-type', 'd', '-exec', 'sync', '{}', '+']);
};
