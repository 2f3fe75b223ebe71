import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { NoRoom } from '../../files/disk-room.ts';
import { makeFolder, writeDurably } from '../../files/write-durably.ts';
import { removeCluster } from '../cluster.ts';
import { quoteName, withSuperuser } from '../superuser.ts';
import { archiveOf } from './archive-of.ts';
import { type RestoreOptions, restoreCluster } from './restore-cluster.ts';

/** What became of trying whether the newest backup and the log since can be restored. */
export interface Drill {
  readonly startedAtMs: number;
  readonly finishedAtMs: number;
  /** The base backup that it was about. */
  readonly backup: string;
  readonly succeeded: boolean;
  /** It was not tried for lack of room; it is due again. */
  readonly skipped?: true;
  /** What was checked, or why it failed or was skipped. */
  readonly detail: string;
  /** The newest base backup that a drill has restored. */
  readonly proven?: string;
  /** Whether the last drill that was tried has failed: until one succeeds, what is proven is kept. */
  readonly failing?: true;
}

export type RestoreParts = Pick<RestoreOptions, 'binaries' | 'template' | 'port' | 'uid' | 'settings'>;

const fileOf = (folder: string): string => join(folder, 'archive', 'drill.json');

/** The last drill of a cluster's folder; none when its result can't be read. */
export const lastDrill = async (folder: string): Promise<Drill | undefined> => {
  try {
    return JSON.parse(await readFile(fileOf(folder), 'utf8')) as Drill; // written whole, below
  } catch {
    return undefined;
  }
};

type Outcome = Pick<Drill, 'succeeded' | 'skipped' | 'detail'>;

const outcomeOf = (error: unknown): Outcome => {
  const detail = error instanceof Error ? error.message : String(error);
  return error instanceof NoRoom
    ? { succeeded: false, skipped: true, detail: `skipped: no room. ${detail}` }
    : { succeeded: false, detail };
};

/** Restores the newest backup beside the living cluster, reads every table and index of it, and removes it again. */
export const runDrill = async (folder: string, parts: RestoreParts, signal?: AbortSignal): Promise<Drill> => {
  const { backups, archive } = archiveOf(folder);
  const beside = join(folder, 'drill');
  const startedAtMs = Date.now();
  const before = await lastDrill(folder);
  const backup = (await backups.list()).at(-1)?.name ?? '';
  const outcome: Outcome = await restoreCluster({ ...parts, backups, archive, folder: beside, base: 'newest' }, signal)
    .then(async (cluster) => ({ succeeded: true, detail: await readEverything(cluster.superuser) }))
    .catch(outcomeOf)
    .finally(() => removeCluster(beside));
  signal?.throwIfAborted();
  const proven = outcome.succeeded ? backup : before?.proven;
  const failing = !outcome.succeeded && (!outcome.skipped || before?.failing);
  const drill: Drill = {
    ...{ startedAtMs, finishedAtMs: Date.now(), backup },
    ...outcome,
    ...(proven !== undefined && { proven }),
    ...(failing && { failing }),
  };
  await makeFolder(join(folder, 'archive'), 0o700);
  await writeDurably(fileOf(folder), JSON.stringify(drill));
  return drill;
};

const readEverything = async (server: Parameters<typeof withSuperuser>[0]): Promise<string> => {
  const databases = await withSuperuser(server, 'postgres', async (client) => {
    const { rows } = await client.query<{ name: string }>(
      "SELECT datname AS name FROM pg_database WHERE datname NOT IN ('postgres', 'template0', 'template1')",
    );
    return rows.map((row) => row.name);
  });
  let [tables, indexes] = [0, 0];
  for (const database of databases) {
    await withSuperuser(server, database, async (client) => {
      await client.query(`CREATE SCHEMA ravine_drill; CREATE EXTENSION IF NOT EXISTS amcheck SCHEMA ravine_drill`);
      const { rows: at } = await client.query<{ schema: string }>(
        "SELECT extnamespace::regnamespace::text AS schema FROM pg_extension WHERE extname = 'amcheck'",
      );
      await client.query(`SET search_path = ${quoteName(at[0]?.schema ?? 'ravine_drill')}, pg_catalog`);
      const { rows: heaps } = await client.query<{ name: string; message: string | null }>(
        `SELECT c.oid::regclass::text AS name, (SELECT v.msg FROM verify_heapam(c.oid) v LIMIT 1) AS message
          FROM pg_class c WHERE c.relkind IN ('r', 'm') AND c.relpersistence = 'p'`,
      );
      const broken = heaps.find((heap) => heap.message !== null);
      if (broken) throw new Error(`Table ${broken.name} is damaged: ${broken.message}`);
      const { rows: trees } = await client.query(
        `SELECT bt_index_check(c.oid) FROM pg_class c JOIN pg_am a ON a.oid = c.relam JOIN pg_index i ON i.indexrelid = c.oid
          WHERE a.amname = 'btree' AND c.relpersistence = 'p' AND c.relkind = 'i' AND i.indisready AND i.indisvalid`,
      );
      tables += heaps.length;
      indexes += trees.length;
    });
  }
  return `${tables} tables and ${indexes} indexes read`;
};
