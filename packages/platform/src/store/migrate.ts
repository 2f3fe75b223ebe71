import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import type { Database } from './database.ts';

const migrationsFolder = join(import.meta.dirname, 'migrations');
/** Any fixed number: the advisory lock that keeps two starting processes apart. */
const migrationLock = 5_100_001;

/**
 * Brings the schema to the newest version: each numbered file once, in order, all in one transaction.
 * @throws Error when the store was made by a newer Ravine than this one.
 */
export const migrate = async (db: Database): Promise<void> => {
  const files = (await readdir(migrationsFolder)).filter((name) => /^\d{4}_[a-z_]+\.sql$/.test(name)).sort();
  await db.transaction().execute(async (tx) => {
    await sql`SELECT pg_advisory_xact_lock(${migrationLock})`.execute(tx);
    await sql`CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())`.execute(
      tx,
    );
    const { rows } = await sql<{ name: string }>`SELECT name FROM migrations`.execute(tx);
    const done = new Set(rows.map((row) => row.name));
    const unknown = [...done].filter((name) => !files.includes(name));
    if (unknown.length > 0) {
      throw new Error(
        `the store has migrations that this version of Ravine does not know (${unknown.join(', ')}); start the newer version again, or restore an older backup`,
      );
    }
    for (const name of files.filter((file) => !done.has(file))) {
      await sql.raw(await readFile(join(migrationsFolder, name), 'utf8')).execute(tx);
      await sql`INSERT INTO migrations (name) VALUES (${name})`.execute(tx);
    }
  });
};
