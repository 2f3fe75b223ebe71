import type { Selectable } from 'kysely';
import type { AccountId } from '../domain/ids.ts';
import type { Database } from './database.ts';
import type { LoginRequestsTable } from './tables.ts';

export type LoginRequest = Selectable<LoginRequestsTable>;

export const loginRequests = {
  insert: (
    db: Database,
    row: { secretHash: Buffer; browserSecretHash: Buffer; description: string },
  ): Promise<LoginRequest> =>
    db
      .insertInto('loginRequests')
      .values({ ...row, accountId: null })
      .returningAll()
      .executeTakeFirstOrThrow(),

  bySecretHash: (db: Database, secretHash: Buffer): Promise<LoginRequest | undefined> =>
    db.selectFrom('loginRequests').selectAll().where('secretHash', '=', secretHash).executeTakeFirst(),

  byBrowserSecretHash: (db: Database, browserSecretHash: Buffer): Promise<LoginRequest | undefined> =>
    db.selectFrom('loginRequests').selectAll().where('browserSecretHash', '=', browserSecretHash).executeTakeFirst(),

  /** Moves a request on, if it is still in the expected state; answers whether it was. */
  decide: async (
    db: Database,
    id: string,
    from: LoginRequest['state'],
    to: LoginRequest['state'],
    accountId?: AccountId,
  ): Promise<boolean> => {
    const result = await db
      .updateTable('loginRequests')
      .set({ state: to, ...(accountId === undefined ? {} : { accountId }) })
      .where('id', '=', id)
      .where('state', '=', from)
      .executeTakeFirst();
    return result.numUpdatedRows === 1n;
  },

  removeOlderThan: async (db: Database, before: Date): Promise<void> => {
    await db.deleteFrom('loginRequests').where('createdAt', '<', before).execute();
  },
};
