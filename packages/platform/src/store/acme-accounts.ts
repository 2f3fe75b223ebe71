import type { Selectable } from 'kysely';
import type { Database } from './database.ts';
import type { AcmeAccountsTable } from './tables.ts';

export const acmeAccounts = {
  find: (db: Database, directoryUrl: string): Promise<Selectable<AcmeAccountsTable> | undefined> =>
    db.selectFrom('acmeAccounts').selectAll().where('directoryUrl', '=', directoryUrl).executeTakeFirst(),

  keep: async (db: Database, row: Selectable<AcmeAccountsTable>): Promise<void> => {
    const { sealedKey, accountUrl } = row;
    await db
      .insertInto('acmeAccounts')
      .values(row)
      .onConflict((on) => on.column('directoryUrl').doUpdateSet({ sealedKey, accountUrl }))
      .execute();
  },
};
