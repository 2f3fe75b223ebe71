import type { Insertable, Selectable } from 'kysely';
import type { AccountId } from '../domain/ids.ts';
import type { Database } from './database.ts';
import type { AuthorizationsTable } from './tables.ts';

export type Authorization = Selectable<AuthorizationsTable>;

export const authorizations = {
  insert: (db: Database, row: Insertable<AuthorizationsTable>): Promise<Authorization> =>
    db.insertInto('authorizations').values(row).returningAll().executeTakeFirstOrThrow(),

  /** The authorization of a token that has not expired. */
  byTokenHash: (db: Database, tokenHash: Buffer): Promise<Authorization | undefined> =>
    db
      .selectFrom('authorizations')
      .selectAll()
      .where('tokenHash', '=', tokenHash)
      .where((eb) => eb.or([eb('expiresAt', 'is', null), eb('expiresAt', '>', new Date())]))
      .executeTakeFirst(),

  ofAccount: (db: Database, accountId: AccountId): Promise<Authorization[]> =>
    db.selectFrom('authorizations').selectAll().where('accountId', '=', accountId).orderBy('createdAt').execute(),

  byId: (db: Database, accountId: AccountId, id: string): Promise<Authorization | undefined> =>
    db
      .selectFrom('authorizations')
      .selectAll()
      .where('accountId', '=', accountId)
      .where('id', '=', id)
      .executeTakeFirst(),

  update: (
    db: Database,
    id: string,
    change: { description?: string; tokenHash?: Buffer; tokenPrefix?: string; tokenSuffix?: string },
  ): Promise<Authorization> =>
    db
      .updateTable('authorizations')
      .set({ ...change, updatedAt: new Date() })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow(),

  remove: async (db: Database, id: string): Promise<void> => {
    await db.deleteFrom('authorizations').where('id', '=', id).execute();
  },

  removeExpired: async (db: Database): Promise<void> => {
    await db.deleteFrom('authorizations').where('expiresAt', '<', new Date()).execute();
  },
};
