import { readdir, readFile } from 'node:fs/promises';
import { Client } from 'pg';
import { ConfigError, readDatabaseUrl } from './config.ts';

const folder = new URL('../migrations/', import.meta.url);

/** Any constant: it only has to be the same in every copy of this program. */
const lockKey = 7_245_001;

/** Applies the migrations that the database doesn't have yet, all or none, and returns their names. */
export async function migrate(databaseUrl: string): Promise<string[]> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('BEGIN');
    await client.query('SELECT pg_advisory_xact_lock($1)', [lockKey]);
    await client.query(
      'CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())',
    );
    const { rows } = await client.query<{ name: string }>('SELECT name FROM migrations');
    const known = new Set(rows.map((row) => row.name));
    const missing = (await readdir(folder)).filter((name) => name.endsWith('.sql') && !known.has(name)).sort();
    for (const name of missing) {
      await client.query(await readFile(new URL(name, folder), 'utf8'));
      await client.query('INSERT INTO migrations (name) VALUES ($1)', [name]);
    }
    await client.query('COMMIT');
    return missing;
  } finally {
    await client.end(); // Without COMMIT, this rolls everything back.
  }
}

if (import.meta.main) {
  try {
    const applied = await migrate(readDatabaseUrl(process.env));
    for (const name of applied) console.log(`applied ${name}`);
    if (applied.length === 0) console.log('the database is up to date');
  } catch (error) {
    console.error(error instanceof ConfigError ? error.message : error);
    process.exitCode = 1;
  }
}
