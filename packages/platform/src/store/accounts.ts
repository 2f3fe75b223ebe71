import type { Selectable } from 'kysely';
import type { AccountId } from '../domain/ids.ts';
import type { Database } from './database.ts';
import type { AccountsTable } from './tables.ts';

export type Account = Selectable<AccountsTable>;

export const accounts = {
  insert: (
    db: Database,
    row: { email: string; name: string | null; passwordHash: string; administrator: boolean },
  ): Promise<Account> =>
    db
      .insertInto('accounts')
      .values({ ...row, lastLogin: null, sealedTotpSecret: null })
      .returningAll()
      .executeTakeFirstOrThrow(),

  byId: (db: Database, id: AccountId): Promise<Account | undefined> =>
    db.selectFrom('accounts').selectAll().where('id', '=', id).executeTakeFirst(),

  byIds: async (db: Database, ids: readonly AccountId[]): Promise<ReadonlyMap<AccountId, Account>> => {
    const found = ids.length === 0 ? [] : await db.selectFrom('accounts').selectAll().where('id', 'in', ids).execute();
    return new Map(found.map((account) => [account.id, account]));
  },

  /** Case does not matter in e-mail addresses here. */
  byEmail: (db: Database, email: string): Promise<Account | undefined> =>
    db
      .selectFrom('accounts')
      .selectAll()
      .where((eb) => eb(eb.fn<string>('lower', ['email']), '=', email.toLowerCase()))
      .executeTakeFirst(),

  any: async (db: Database): Promise<boolean> =>
    (await db.selectFrom('accounts').select('id').limit(1).executeTakeFirst()) !== undefined,

  /** Notes that the code of a time step was used; answers whether this was the first time, and no later one was. */
  useTotpStep: async (db: Database, id: AccountId, step: number): Promise<boolean> => {
    const result = await db
      .updateTable('accounts')
      .set({ totpStep: step })
      .where('id', '=', id)
      .where('totpStep', '<', step)
      .executeTakeFirst();
    return result.numUpdatedRows > 0n;
  },

  update: (
    db: Database,
    id: AccountId,
    change: {
      name?: string | null;
      email?: string;
      passwordHash?: string;
      lastLogin?: Date;
      twoFactor?: boolean;
      sealedTotpSecret?: Buffer | null;
      totpStep?: number;
    },
  ): Promise<Account> =>
    db
      .updateTable('accounts')
      .set({ ...change, updatedAt: new Date() })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow(),
};
