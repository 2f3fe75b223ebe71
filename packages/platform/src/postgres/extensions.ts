import type pg from 'pg';
import { ClusterError } from './cluster-error.ts';
import { quoteName } from './superuser.ts';

/** Extensions beside those that PostgreSQL itself lets ordinary users make: none of them leads out of the database. */
const offered: ReadonlySet<string> = new Set([
  ...['amcheck', 'pg_buffercache', 'pg_stat_statements', 'pgrowlocks', 'pgstattuple', 'sslinfo', 'xml2'],
]);

/**
 * Makes an extension as superuser, by its name alone.
 * @param schema where it goes; where it wants to, when absent
 * @throws ClusterError when there is none of this name, or it isn't for users.
 */
export const makeExtension = async (client: pg.ClientBase, name: string, schema: string | undefined): Promise<void> => {
  const { rows } = await client.query<{ trusted: boolean | null }>(
    'SELECT bool_or(trusted) AS trusted FROM pg_available_extension_versions WHERE name = $1',
    [name],
  );
  if (rows[0]?.trusted !== true && !offered.has(name)) {
    throw new ClusterError(`Extension "${name}" is not available here.`);
  }
  const place = schema === undefined ? '' : ` SCHEMA ${quoteName(schema)}`;
  await client.query(`CREATE EXTENSION IF NOT EXISTS ${quoteName(name)}${place}`);
};
