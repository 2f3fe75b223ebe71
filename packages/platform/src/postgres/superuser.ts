import pg from 'pg';
import type { SuperuserConnection } from './cluster.ts';

/**
 * Runs `work` with a connection as superuser, which is closed afterwards.
 * @param server with `replication` for a connection that takes commands of the replication protocol
 */
export const withSuperuser = async <T>(
  server: SuperuserConnection & { readonly replication?: 'true' },
  database: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> => {
  const client = new pg.Client({ ...server, database, connectionTimeoutMillis: 10_000, application_name: 'ravine' });
  client.on('error', () => {}); // A server that goes away fails the query that waits for it.
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

/** A name as SQL takes it, whatever is in it. */
export const quoteName = (name: string): string => `"${name.replaceAll('"', '""')}"`;
/** A text as SQL takes it, whatever is in it. */
export const quoteText = (text: string): string =>
  text.includes('\\')
    ? ` E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
    : `'${text.replaceAll("'", "''")}'`;
