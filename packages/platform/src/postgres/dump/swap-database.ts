import { setTimeout as sleep } from 'node:timers/promises';
import type { SuperuserConnection } from '../cluster.ts';
import { quoteName, quoteText, withSuperuser } from '../superuser.ts';

const fillingName = (database: string): string => `${database}_filling`;
const formerName = (database: string): string => `${database}_former`;

export interface SwapOptions {
  readonly server: SuperuserConnection;
  readonly database: string;
  readonly owner: string;
  /** Names what is put in place, see {@link contentOf}. */
  readonly mark: string;
}

/**
 * Puts another content in the place of a database, all or nothing: `fill` makes it in an empty one beside, and the two
 * change their names in one transaction. Clients of the old content are cut off then, and not before.
 */
export const replaceContent = async (
  options: SwapOptions,
  fill: (database: string) => Promise<void>,
): Promise<void> => {
  const { server, database, owner, mark } = options;
  const [fresh, former] = [quoteName(fillingName(database)), quoteName(formerName(database))];
  await clearRemains(server, database);
  await withSuperuser(server, 'postgres', async (client) => {
    await client.query(`CREATE DATABASE ${fresh} OWNER ${quoteName(owner)} TEMPLATE template0 STRATEGY wal_log`);
    await client.query(`REVOKE ALL ON DATABASE ${fresh} FROM PUBLIC`);
    await client.query(`COMMENT ON DATABASE ${fresh} IS ${quoteText(mark)}`);
  });
  try {
    await fill(fillingName(database));
    await exchange(server, database, [
      `ALTER DATABASE ${quoteName(database)} RENAME TO ${former}`,
      `ALTER DATABASE ${fresh} RENAME TO ${quoteName(database)}`,
    ]);
  } finally {
    await clearRemains(server, database);
  }
};

/** What the content of a database was marked with when it was put in place. */
export const contentOf = (server: SuperuserConnection, database: string): Promise<string | undefined> =>
  withSuperuser(server, 'postgres', async (client) => {
    const { rows } = await client.query<{ mark: string | null }>(
      "SELECT shobj_description(oid, 'pg_database') AS mark FROM pg_database WHERE datname = $1",
      [database],
    );
    return rows[0]?.mark ?? undefined;
  });

/** Removes what a former exchange has left, whether it got through or was killed. */
const clearRemains = (server: SuperuserConnection, database: string): Promise<void> =>
  withSuperuser(server, 'postgres', async (client) => {
    for (const name of [fillingName(database), formerName(database)]) {
      await client.query(`DROP DATABASE IF EXISTS ${quoteName(name)} WITH (FORCE)`);
    }
  });

/** Renames while clients keep coming: newcomers wait for the lock of the rename, and those that are there are ended. */
const exchange = async (server: SuperuserConnection, database: string, renames: readonly string[]): Promise<void> => {
  const names = [database, fillingName(database)];
  await withSuperuser(server, 'postgres', (client) =>
    withSuperuser(server, 'postgres', async (other) => {
      const end = () =>
        other.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ANY($1)', [names]);
      await client.query('BEGIN');
      for (const rename of renames) {
        let over = false;
        const renamed = client.query(rename).finally(() => {
          over = true;
        });
        renamed.catch(() => {}); // Seen below.
        while (!over) {
          await end();
          await sleep(20);
        }
        await renamed;
      }
      await client.query('COMMIT');
    }),
  );
};
