import type { Selectable } from 'kysely';
import type { AccountId, AppId } from '../domain/ids.ts';
import type { Database } from './database.ts';
import type { CollaboratorsTable } from './tables.ts';

export type Collaborator = Selectable<CollaboratorsTable> & { readonly email: string };

const select = (db: Database) =>
  db
    .selectFrom('collaborators')
    .innerJoin('accounts', 'accounts.id', 'collaborators.accountId')
    .selectAll('collaborators')
    .select('accounts.email');

export const collaborators = {
  ofApp: (db: Database, appId: AppId): Promise<Collaborator[]> =>
    select(db).where('appId', '=', appId).orderBy('collaborators.createdAt').execute(),

  find: (db: Database, appId: AppId, accountId: AccountId): Promise<Collaborator | undefined> =>
    select(db).where('appId', '=', appId).where('accountId', '=', accountId).executeTakeFirst(),

  insert: async (db: Database, appId: AppId, accountId: AccountId): Promise<void> => {
    await db
      .insertInto('collaborators')
      .values({ appId, accountId })
      .onConflict((on) => on.doNothing())
      .execute();
  },

  remove: async (db: Database, appId: AppId, accountId: AccountId): Promise<void> => {
    await db.deleteFrom('collaborators').where('appId', '=', appId).where('accountId', '=', accountId).execute();
  },
};
