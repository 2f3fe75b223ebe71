import type pg from 'pg';
import { ClusterError } from './cluster-error.ts';
import { openedExtensions } from './opened-extensions.data.ts';
import { quoteName } from './superuser.ts';

/** Extensions that only we make, when they are asked for by the API: none of them leads out of the database. */
const offered: ReadonlySet<string> = new Set(['pg_buffercache', 'xml2', ...Object.keys(openedExtensions)]);

/**
 * Makes an extension by its name alone: one that ordinary users may make is the database's owner's, others are made by
 * the superuser.
 * @param schema where it goes; where it wants to, when absent
 * @throws ClusterError when there is none of this name, or it isn't for users.
 */
export const makeExtension = async (client: pg.ClientBase, name: string, schema: string | undefined): Promise<void> => {
  const { rows } = await client.query<{ trusted: boolean | null; owner: string }>(
    `SELECT (SELECT bool_or(trusted) FROM pg_available_extension_versions WHERE name = $1) AS trusted,
      pg_get_userbyid(datdba) AS owner FROM pg_database WHERE datname = current_database()`,
    [name],
  );
  const owner = rows[0]?.owner ?? 'postgres';
  if (rows[0]?.trusted !== true && !offered.has(name)) {
    throw new ClusterError(`Extension "${name}" is not available here.`);
  }
  const place = schema === undefined ? '' : ` SCHEMA ${quoteName(schema)}`;
  const make = `CREATE EXTENSION IF NOT EXISTS ${quoteName(name)}${place}`;
  if (rows[0]?.trusted !== true) await client.query(make);
  else await client.query(`SET ROLE ${quoteName(owner)}; ${make}; RESET ROLE`);
};
