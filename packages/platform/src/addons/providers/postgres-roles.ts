import type { Allocation } from './postgres-allocation.ts';

/** The customer's role owns its one database and can see no other; names are ours, of letters and digits. */
export const bootstrap = ({ user, database }: Allocation, connections: number): readonly string[] => [
  `CREATE ROLE ${user} LOGIN CONNECTION LIMIT ${connections}`,
  `ALTER DATABASE app RENAME TO ${database}`,
  `ALTER DATABASE ${database} OWNER TO ${user}`,
  `REVOKE ALL ON DATABASE ${database}, postgres, template1 FROM PUBLIC`,
];

/** What was another database's becomes this one's; nobody who could log in there can do so here. */
export const takeOver = (source: Allocation, own: Allocation, connections: number): readonly string[] => [
  `DO $$ DECLARE other text; BEGIN
    FOR other IN SELECT rolname FROM pg_roles WHERE rolcanlogin AND rolname NOT IN ('postgres', '${source.user}') LOOP
      EXECUTE format('ALTER ROLE %I NOLOGIN PASSWORD NULL', other);
    END LOOP; END $$`,
  `ALTER ROLE ${source.user} RENAME TO ${own.user}`,
  `ALTER ROLE ${own.user} CONNECTION LIMIT ${connections} PASSWORD NULL`,
  `ALTER DATABASE ${source.database} RENAME TO ${own.database}`,
];
