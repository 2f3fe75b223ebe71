import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { ClusterError } from '../cluster-error.ts';
import { inOrder } from '../in-order.ts';
import type { ServerSettings } from '../tuning.data.ts';
import type { BaseBackup } from './base-backups.ts';
import { LogExtent, type TransactionEnd } from './transaction-ends.ts';
import type { WalArchive } from './wal-archive.ts';
import { follows, isSegment, lsnNumber, lsnText, placeOf, segmentBytes, segmentName } from './wal-segments.ts';

/** Files of the log that are read and decompressed side by side. */
const readAtOnce = 3;

export interface LogOptions {
  readonly archive: WalArchive;
  /** The last moment whose commits are wanted; absent: all that is archived. */
  readonly until?: Date;
  /**
   * How far the archived log must go, lest what is restored be older than what is asked for: through a segment, or, as
   * `later` says, to a commit after the moment. Absent: through the end of the base backup.
   */
  readonly reach?: { readonly through: string } | 'later';
}

const isNeeded = (name: string, backup: BaseBackup): boolean =>
  name.endsWith('.history') || (isSegment(name) && placeOf(name) >= placeOf(backup.firstSegment));

/** The place of the last segment with anything of a backup itself. */
const endOf = ({ endLsn }: BaseBackup): string => placeOf(segmentName(1, lsnText(lsnNumber(endLsn) - 1)));

/** Bytes of the log that follows a backup, at most; none is read behind the end of `next`, a later backup. */
export const logBytes = async (
  { archive }: LogOptions,
  backup: BaseBackup,
  next: BaseBackup | undefined,
): Promise<number> => {
  const names = (await archive.files()).filter((name) => isSegment(name) && isNeeded(name, backup));
  return segmentBytes * names.filter((name) => next === undefined || placeOf(name) <= endOf(next)).length;
};

/**
 * Puts the log that follows the backup where the server looks for it, as far as it is wanted: what transactions did that
 * weren't over by the moment would be replayed for nothing.
 * @returns the settings that say where recovery ends.
 * @throws ClusterError when the log is damaged, has a gap or does not go as far as it must: the server would take that
 * for its end, and what came later would silently be absent
 */
export const layOutLog = async (options: LogOptions, backup: BaseBackup, pgWal: string): Promise<ServerSettings> => {
  const { archive, until } = options;
  const extent = until && new LogExtent(until, backup.endLsn);
  let last: string | undefined;
  let passed: string[] = [];
  const put = (name: string, content: Buffer) => writeFile(join(pgWal, name), content, { mode: 0o600 });
  const names = (await archive.files()).filter((name) => isNeeded(name, backup));
  const read = async (name: string) => ({ name, content: await archive.read(name) });
  for await (const { name, content } of inOrder(Readable.from(names), readAtOnce, read)) {
    if (isSegment(name)) {
      if (last === undefined && placeOf(name) !== placeOf(backup.firstSegment)) throw lacksBegin(backup, name);
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
  if (!extent?.isOver) assertReach(options, backup, last, extent?.last);
  if (!extent) return {};
  const stop = extent.last ? { recovery_target_lsn: lsnText(extent.last.lsn) } : { recovery_target: 'immediate' };
  return { ...stop, recovery_target_action: 'promote' };
};

const assertReach = (
  { reach }: LogOptions,
  backup: BaseBackup,
  last: string | undefined,
  lastEnd: TransactionEnd | undefined,
): void => {
  if (reach === 'later') throw endsBefore(lastEnd);
  const needed = reach === undefined ? endOf(backup) : placeOf(reach.through);
  if (last !== undefined && placeOf(last) >= needed) return;
  throw new ClusterError(
    `The archived log should reach ${needed} and ends with ${last ?? 'nothing'}, so what was committed last would be absent. Ask again in a minute; if it stays so, restore to an earlier moment.`,
  );
};

const lacksBegin = (backup: BaseBackup, first: string): ClusterError =>
  new ClusterError(
    `The archived log should begin with ${backup.firstSegment} for the base backup ${backup.name}, and has nothing before ${first}. Choose a moment after the next base backup.`,
  );

const gap = (before: string, after: string): ClusterError =>
  new ClusterError(
    `The archived log has a gap between ${before} and ${after}, so later moments can't be restored from this backup. Choose a moment before, or one after the next base backup.`,
  );

const endsBefore = (last: TransactionEnd | undefined): ClusterError =>
  new ClusterError(
    `The database is not running, and of its log nothing is archived after ${last === undefined ? 'its base backup' : new Date(last.atMicros / 1000).toISOString()}. Choose a moment before that, or ask again when it runs.`,
  );
