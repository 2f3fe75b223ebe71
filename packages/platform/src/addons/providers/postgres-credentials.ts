import type { SuperuserConnection } from '../../postgres/cluster.ts';
import { scramVerifier } from '../../postgres/scram-verifier.ts';
import { quoteName, quoteText, withSuperuser } from '../../postgres/superuser.ts';
import type { RunningDatabase } from './postgres-content.ts';

/** What a credential may be called: it is also its role's name. */
export const credentialNameRule =
  'expected lower-case letters, digits, - and _, beginning with a letter, 50 at most, and neither "default" nor the name of a role of the server';

/** Whether a further credential of a database may have this name. */
export const isCredentialName = (name: string, user: string): boolean =>
  /^[a-z][a-z0-9_-]{0,49}$/.test(name) &&
  !['default', 'postgres', 'public', 'none', user].includes(name) &&
  !/^(pg_|ravine)/.test(name);

/**
 * Makes a credential's role, or gives it another password. It may connect and no more; the default credential's role may
 * grant it to others and do what it may do.
 */
export const putCredential = async (
  { server, user, database }: RunningDatabase,
  { name, password, connections }: { readonly name: string; readonly password: string; readonly connections: number },
): Promise<void> => {
  const verifier = await scramVerifier(password);
  const role = quoteName(name);
  await withSuperuser(server, 'postgres', async (client) => {
    const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [name]);
    await client.query(
      `${rowCount ? 'ALTER' : 'CREATE'} ROLE ${role} LOGIN CONNECTION LIMIT ${connections} PASSWORD '${verifier}'`,
    );
    await client.query(`GRANT ${role} TO ${quoteName(user)} WITH ADMIN OPTION`);
    await client.query(`GRANT CONNECT, TEMPORARY ON DATABASE ${quoteName(database)} TO ${role}`);
  });
};

/** Removes a credential's role; what it owned is the default credential's. */
export const removeCredential = async (target: RunningDatabase, name: string): Promise<void> => {
  const { server, database } = target;
  if (!(await hasRole(server, name))) return;
  // Nobody comes again while its connections are ended.
  await withSuperuser(server, 'postgres', (client) => client.query(`ALTER ROLE ${quoteName(name)} NOLOGIN`));
  await disconnectRole(target, name);
  await withSuperuser(server, database, async (client) => {
    await client.query(`REASSIGN OWNED BY ${quoteName(name)} TO ${quoteName(target.user)}`);
    await client.query(`DROP OWNED BY ${quoteName(name)}`);
    await client.query(`DROP ROLE ${quoteName(name)}`);
  });
};

/** Ends the connections of one role. */
export const disconnectRole = async ({ server }: RunningDatabase, name: string): Promise<void> => {
  await withSuperuser(server, 'postgres', (client) =>
    client.query('SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = $1', [name]),
  );
};

/** Makes the default credential the owner of all that the others own, and gives it back what it may do with them. */
export const repairDefault = async (
  { server, user, database }: RunningDatabase,
  names: readonly string[],
): Promise<void> => {
  await withSuperuser(server, database, async (client) => {
    await client.query('BEGIN');
    for (const name of names) {
      await client.query(`GRANT ${quoteName(name)} TO ${quoteName(user)} WITH ADMIN OPTION`);
      await client.query(`REASSIGN OWNED BY ${quoteName(name)} TO ${quoteName(user)}`);
    }
    await client.query('COMMIT');
  });
};

/** Lets all roles that users log in with connect to a database that is made in the place of another one. */
export const letCredentialsIn = (server: SuperuserConnection, database: string): Promise<void> =>
  withSuperuser(server, 'postgres', async (client) => {
    const { rows } = await client.query<{ grant: string }>(
      `SELECT format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO %I', ${quoteText(database)}, rolname) AS grant
       FROM pg_roles WHERE rolcanlogin AND NOT rolsuper AND NOT rolreplication`,
    );
    for (const { grant } of rows) await client.query(grant);
  });

const hasRole = (server: SuperuserConnection, name: string): Promise<boolean> =>
  withSuperuser(server, 'postgres', async (client) => {
    const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [name]);
    return rowCount === 1;
  });
