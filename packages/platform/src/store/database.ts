import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { sayWhoActs } from './acting.ts';
import type { Tables } from './tables.ts';

/** The store, or a transaction of it: every repository takes one as its first argument. */
export type Database = Kysely<Tables>;

/** PostgreSQL's type number of int8; counts and sizes here stay far below 2^53. */
const int8 = 20;

/** A `postgres://` URL, or the folder of a Unix socket as `host` with the rest. */
export type StoreAddress =
  | string
  | { readonly host: string; readonly port: number; readonly user: string; readonly database: string };

/**
 * Opens the store; the pool connects when first used and reconnects by itself.
 * @param onIdleError told of connections that break while idle, such as when the store restarts.
 */
export const openDatabase = (
  address: StoreAddress,
  onIdleError: (error: Error) => void,
  maxConnections = 8,
): Database => {
  const pool = new pg.Pool({
    ...(typeof address === 'string' ? { connectionString: address } : address),
    max: maxConnections,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    application_name: 'ravine',
    types: {
      getTypeParser: ((oid: number, format?: 'text') =>
        oid === int8 ? Number : pg.types.getTypeParser(oid, format)) as typeof pg.types.getTypeParser, // narrower than its overloads
    },
  });
  pool.on('error', onIdleError);
  // A connection that breaks between two queries of a transaction has nobody else to tell, and would end the process.
  pool.on('connect', (client) => client.on('error', onIdleError));
  return new Kysely<Tables>({
    dialect: new PostgresDialect({ pool, onReserveConnection: sayWhoActs }),
    plugins: [new CamelCasePlugin({ maintainNestedObjectKeys: true })],
  });
};

/** Whether an error means that the store can't be reached now, rather than that the query is wrong. */
export const isStoreDown = (error: unknown): boolean => {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return (
    /^(57P0[123]|08\d{3}|53300|ECONNREFUSED|ECONNRESET|ENOENT|EPIPE|ETIMEDOUT)$/.test(code) ||
    // The last is what a transaction's rollback says on a connection that has just broken.
    /Connection terminated|timeout exceeded when trying to connect|is not queryable/.test(error.message)
  );
};

/** Whether an error is PostgreSQL's unique_violation, optionally of one named constraint or index. */
export const isUniqueViolation = (error: unknown, constraint?: string): boolean =>
  error instanceof pg.DatabaseError &&
  error.code === '23505' &&
  (constraint === undefined || error.constraint === constraint);
