import { lstat, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../../files/write-durably.ts';
import { archiveOf } from '../../postgres/backup/archive-of.ts';
import type { Archivist } from '../../postgres/backup/archivist.ts';
import { finishRestored, type RestoreOptions, restoreCluster } from '../../postgres/backup/restore-cluster.ts';
import { removeCluster } from '../../postgres/cluster.ts';
import { addOnSettings } from '../../postgres/tuning.data.ts';
import type { Allocation } from './postgres-allocation.ts';
import { takeOver } from './postgres-roles.ts';

export interface ForkOptions extends Pick<RestoreOptions, 'binaries' | 'template' | 'until' | 'onPassedOver'> {
  /** Of the database that is made, and what is allocated to it. */
  readonly folder: string;
  readonly allocation: Allocation;
  readonly connections: number;
  /** Of the database that it is made from. */
  readonly sourceFolder: string;
  readonly source: Allocation;
  /** What looks after the backups of that one, when it runs. */
  readonly running: Pick<Archivist, 'flush'> | undefined;
  readonly signal: AbortSignal;
}

/**
 * Makes a database's cluster out of the backups of another one, as it is now or was at a moment; a repeated call finds it
 * made.
 * @throws when it would lack something that was committed by then
 */
export const makeFork = async (options: ForkOptions): Promise<void> => {
  const { binaries, template, folder, allocation, connections, sourceFolder, source, until, signal } = options;
  if (await lstat(join(folder, 'data')).catch(() => undefined)) return;
  const beside = join(folder, 'restore');
  const cluster = await restoreCluster(
    {
      ...{ binaries, template },
      ...archiveOf(sourceFolder),
      ...(until !== undefined && { until }),
      ...(options.onPassedOver && { onPassedOver: options.onPassedOver }),
      reach: await reachOf(options),
      folder: beside,
      port: allocation.port,
      uid: allocation.uid,
      settings: addOnSettings(connections),
    },
    signal,
  );
  await finishRestored(cluster, join(beside, 'data'), 'postgres', async (client) => {
    for (const statement of takeOver(source, allocation, connections)) await client.query(statement);
  });
  await rename(join(beside, 'data'), join(folder, 'data'));
  await syncFolder(folder);
  await removeCluster(beside);
};

/** How far the log must go: through all that the source has committed by now, or to something after the moment. */
const reachOf = async ({ running, until }: ForkOptions): Promise<NonNullable<RestoreOptions['reach']>> => {
  if (running !== undefined) return { through: await running.flush() };
  if (until !== undefined) return 'later';
  throw new Error(
    'The database to make it from is not running now, so its last changes are not in its backups; ask again soon, or for an earlier moment with --rollback --to.',
  );
};
