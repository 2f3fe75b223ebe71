import { archiveOf } from '../../postgres/backup/archive-of.ts';
import type { BaseBackup } from '../../postgres/backup/base-backups.ts';
import { type Drill, lastDrill } from '../../postgres/backup/drill.ts';
import { restorableSince } from '../../postgres/backup/restore-cluster.ts';
import { withSuperuser } from '../../postgres/superuser.ts';
import type { RunningDatabase } from './postgres-content.ts';

export interface PostgresInfo {
  /** `18.4`. */
  readonly version: string;
  readonly sizeBytes: number;
  readonly tables: number;
  /** Of the plan's role, now. */
  readonly connections: number;
  readonly connectionLimit: number;
}

const infoQuery = `SELECT current_setting('server_version') AS version, pg_database_size(current_database()) AS size,
  (SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')) AS tables,
  (SELECT count(*) FROM pg_stat_activity WHERE usename = $1) AS connections,
  (SELECT rolconnlimit FROM pg_roles WHERE rolname = $1) AS limit`;

/** Asks a running database. */
export const askInfo = async ({ server, user, database }: RunningDatabase): Promise<PostgresInfo> => {
  const [row] = await withSuperuser(server, database, async (client) => {
    return (await client.query<Record<string, unknown>>(infoQuery, [user])).rows;
  });
  return {
    version: String(row?.version),
    sizeBytes: Number(row?.size),
    tables: Number(row?.tables),
    connections: Number(row?.connections),
    connectionLimit: Number(row?.limit),
  };
};

export interface BackupFacts {
  /** Every moment from this one on can be restored. */
  readonly since: Date | undefined;
  readonly lastBase: BaseBackup | undefined;
  /** Why there is no backup now, or null. */
  readonly trouble: string | null;
  readonly drill: Drill | undefined;
}

/** @param trouble what is told beside what stands in the database's folder */
export const readBackupFacts = async (folder: string, trouble: string | null): Promise<BackupFacts> => {
  const all = await archiveOf(folder).backups.list();
  return { since: restorableSince(all), lastBase: all.at(-1), trouble, drill: await lastDrill(folder) };
};
