import type pg from 'pg';
import type { SuperuserConnection } from '../../postgres/cluster.ts';
import { dumpDatabase } from '../../postgres/dump/dump-database.ts';
import { restoreDump } from '../../postgres/dump/restore-dump.ts';
import { contentOf, replaceContent } from '../../postgres/dump/swap-database.ts';
import { makeExtension } from '../../postgres/extensions.ts';
import { scramVerifier } from '../../postgres/scram-verifier.ts';
import { quoteName, quoteText, withSuperuser } from '../../postgres/superuser.ts';
import type { Allocation } from './postgres-allocation.ts';
import { letCredentialsIn } from './postgres-credentials.ts';

/** A database that runs now. */
export interface RunningDatabase extends Pick<Allocation, 'user' | 'database'> {
  readonly server: SuperuserConnection;
}

interface Progress {
  readonly onProgress: (bytes: number) => void;
  readonly onWarning: (message: string) => void;
  readonly signal: AbortSignal;
}

/** Writes a dump of the database. @returns its bytes. */
export const dumpContent = ({ server, database }: RunningDatabase, path: string, progress: Progress): Promise<number> =>
  dumpDatabase({ server, database, path, ...progress });

/**
 * Puts what a dump holds in the place of all that the database has; whatever happens, it has the one or the other.
 * @param mark names the content, so that {@link hasContent} knows later whether it got there
 */
export const restoreContent = async (
  { server, user, database }: RunningDatabase,
  password: string,
  dump: { readonly source: AsyncIterable<Buffer>; readonly mark: string; readonly extensions: readonly string[] },
  progress: Progress,
): Promise<void> => {
  await replaceContent({ server, database, owner: user, mark: dump.mark }, async (fresh) => {
    await letCredentialsIn(server, fresh);
    await makeExtensions(server, fresh, user, dump.extensions);
    await restoreDump({ server, database: fresh, user, password, source: dump.source, ...progress });
  });
};

/** Whether the database's content is the one that was put there under this name. */
export const hasContent = async ({ server, database }: RunningDatabase, mark: string): Promise<boolean> =>
  (await contentOf(server, database)) === mark;

/** Empties the database. @throws when an extension asked for isn't there; nothing is lost then. */
export const resetContent = async (
  { server, user, database }: RunningDatabase,
  extensions: readonly string[],
): Promise<void> => {
  await replaceContent({ server, database, owner: user, mark: 'reset' }, async (fresh) => {
    await letCredentialsIn(server, fresh);
    await makeExtensions(server, fresh, user, extensions);
  });
};

/** Bytes that the database takes on disk. */
export const contentBytes = ({ server, database }: RunningDatabase): Promise<number> =>
  withSuperuser(server, 'postgres', async (client) => {
    const { rows } = await client.query<{ bytes: string }>('SELECT pg_database_size($1) AS bytes', [database]);
    return Number(rows[0]?.bytes ?? 0);
  });

/** Of two changes of a role at the same time PostgreSQL lets one fail ("tuple concurrently updated"): one after the other. */
const roleTurn = "SELECT pg_advisory_xact_lock(hashtext('ravine roles'))";

/** Sets the password of the database's role; those that are connected stay. */
export const setPassword = async ({ server, user }: RunningDatabase, password: string): Promise<void> => {
  const verifier = await scramVerifier(password);
  await withSuperuser(server, 'postgres', (client) =>
    client.query(`${roleTurn}; ALTER ROLE ${quoteName(user)} PASSWORD '${verifier}'`),
  );
};

/** Ends all connections of the database's users. @returns how many. */
export const disconnectUsers = ({ server, database }: RunningDatabase): Promise<number> =>
  withSuperuser(server, 'postgres', async (client) => {
    const { rowCount } = await client.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND usename <> 'postgres'",
      [database],
    );
    return rowCount ?? 0;
  });

/** Forgets what the server has counted, as `pg:stats-reset` asks for. */
export const resetStatistics = async ({ server, database }: RunningDatabase): Promise<void> => {
  await withSuperuser(server, database, (client: pg.Client) => client.query('SELECT pg_stat_reset()'));
};

const makeExtensions = async (
  server: SuperuserConnection,
  database: string,
  user: string,
  extensions: readonly string[],
): Promise<void> => {
  if (extensions.length === 0) return;
  await withSuperuser(server, database, async (client) => {
    for (const wanted of extensions) {
      const [schema, name] = wanted.includes('.') ? wanted.split('.', 2) : ['public', wanted];
      await client.query(
        `CREATE SCHEMA IF NOT EXISTS ${quoteName(schema ?? 'public')} AUTHORIZATION ${quoteName(user)}`,
      );
      await makeExtension(client, name ?? '', schema);
    }
  });
};

/** What a session takes from its server when it begins, and no role can set; a server has one database here. */
const serverWide: readonly string[] = ['log_connections'];

/** What was set for the database's role, or for its server. */
export const roleSettings = ({ server, user }: RunningDatabase): Promise<Readonly<Record<string, string>>> =>
  withSuperuser(server, 'postgres', async (client) => {
    const { rows: ofServer } = await client.query<{ name: string; setting: string }>(
      'SELECT name, setting FROM pg_settings WHERE name = ANY($1)',
      [serverWide],
    );
    const { rows } = await client.query<{ entry: string }>(
      'SELECT unnest(setconfig) AS entry FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole WHERE r.rolname = $1 AND setdatabase = 0',
      [user],
    );
    return Object.fromEntries([
      ...ofServer.map(({ name, setting }) => [name, setting]),
      ...rows.map(({ entry }) => [entry.split('=')[0] ?? '', entry.slice(entry.indexOf('=') + 1)]),
    ]);
  });

/** Sets something for the connections that the database's role makes from now on. */
export const setRoleSetting = ({ server, user }: RunningDatabase, name: string, value: string): Promise<void> =>
  withSuperuser(server, 'postgres', async (client) => {
    if (serverWide.includes(name)) {
      const isSwitch = value === 'true' || value === 'false';
      const text = isSwitch ? (value === 'true' ? 'on' : 'off') : value;
      await client.query(`ALTER SYSTEM SET ${quoteName(name)} = ${quoteText(text)}`);
      await client.query('SELECT pg_reload_conf()');
    } else {
      await client.query(`${roleTurn}; ALTER ROLE ${quoteName(user)} SET ${quoteName(name)} = ${quoteText(value)}`);
    }
  });
