import { Pool } from 'pg';

export type Database = Pool;

export function openDatabase(url: string, connections: number): Database {
  const pool = new Pool({
    connectionString: url,
    max: connections,
    connectionTimeoutMillis: 5_000,
    statement_timeout: 10_000,
    application_name: process.env.DYNO ?? 'bookstore',
  });
  // An idle connection that breaks is replaced at the next query; without a listener it would end the process.
  pool.on('error', (error) => console.error(`lost an idle database connection: ${error.message}`));
  return pool;
}

/** Whether the database could not be reached, as opposed to a query that it refused. */
export function isDatabaseAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  // SQLSTATE classes 08 (connection), 53 (resources) and 57P (shutting down, starting up).
  return (
    /^(ECONN|ENOENT|ENOTFOUND|EAI_|EPIPE|ETIMEDOUT|08|53|57P)/.test(code) || /timeout|terminated/i.test(error.message)
  );
}

/** Whether a row was refused because there is one like it: SQLSTATE unique_violation. */
export function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '23505';
}
