import type pg from 'pg';
import { quoteName, quoteText } from '../superuser.ts';

interface Role {
  readonly name: string;
  readonly canLogIn: boolean;
  readonly most: number;
  readonly verifier: string | null;
}

/** Settings whose stored text is a list with its quotes. */
const lists = new Set(['search_path', 'temp_tablespaces', 'local_preload_libraries', 'session_preload_libraries']);

/**
 * Makes the ordinary roles of one server in another one, with their passwords' verifiers, and grants them to the owner.
 * @param owner has been made already, and gets its password last, with {@link copyOwner}
 */
export const copyRoles = async (from: pg.Client, to: pg.Client, owner: string): Promise<void> => {
  for (const { name, canLogIn, most, verifier } of await rolesOf(from)) {
    if (name === owner) continue;
    const password = verifier === null ? 'NULL' : quoteText(verifier);
    await to.query(
      `CREATE ROLE ${quoteName(name)} ${canLogIn ? 'LOGIN' : 'NOLOGIN'} CONNECTION LIMIT ${most} PASSWORD ${password}`,
    );
    await to.query(`GRANT ${quoteName(name)} TO ${quoteName(owner)} WITH ADMIN OPTION`);
  }
};

/** Gives the owner the password that it had, and all roles and the database what was set for them. */
export const copyOwner = async (from: pg.Client, to: pg.Client, owner: string, database: string): Promise<void> => {
  const verifier = (await rolesOf(from)).find(({ name }) => name === owner)?.verifier ?? null;
  await to.query(`ALTER ROLE ${quoteName(owner)} PASSWORD ${verifier === null ? 'NULL' : quoteText(verifier)}`);
  const { rows } = await from.query<{ role: string | null; entry: string }>(
    `SELECT r.rolname AS role, unnest(s.setconfig) AS entry FROM pg_db_role_setting s
      LEFT JOIN pg_roles r ON r.oid = s.setrole LEFT JOIN pg_database d ON d.oid = s.setdatabase
      WHERE (s.setdatabase = 0 AND NOT r.rolsuper) OR (s.setrole = 0 AND d.datname = $1)`,
    [database],
  );
  for (const { role, entry } of rows) {
    const name = entry.slice(0, entry.indexOf('='));
    const value = entry.slice(entry.indexOf('=') + 1);
    const whose = role === null ? `DATABASE ${quoteName(database)}` : `ROLE ${quoteName(role)}`;
    // One that this version has no more is of no use in it.
    await to
      .query(`ALTER ${whose} SET ${quoteName(name)} = ${lists.has(name) ? value : quoteText(value)}`)
      .catch(() => {});
  }
};

const rolesOf = async (client: pg.Client): Promise<readonly Role[]> => {
  const { rows } = await client.query<Role>(
    `SELECT rolname AS name, rolcanlogin AS "canLogIn", rolconnlimit AS most, rolpassword AS verifier FROM pg_authid
      WHERE NOT rolsuper AND NOT rolreplication AND rolname !~ '^pg_' ORDER BY oid`,
  );
  return rows;
};
