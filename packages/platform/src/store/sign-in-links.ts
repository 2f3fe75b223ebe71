import type { AccountId } from '../domain/ids.ts';
import type { Database } from './database.ts';

/** Addresses that sign a browser in, once and for a short while. */
export const signInLinks = {
  insert: async (db: Database, row: { tokenHash: Buffer; accountId: AccountId; expiresAt: Date }): Promise<void> => {
    await db.insertInto('signInLinks').values(row).execute();
  },

  /** Uses the link up. @returns whose it was, or undefined when it is unknown, used or too old. */
  use: async (db: Database, tokenHash: Buffer, now: Date): Promise<AccountId | undefined> => {
    const used = await db
      .deleteFrom('signInLinks')
      .where('tokenHash', '=', tokenHash)
      .returning(['accountId', 'expiresAt'])
      .executeTakeFirst();
    return used !== undefined && used.expiresAt > now ? used.accountId : undefined;
  },

  removeExpired: async (db: Database): Promise<void> => {
    await db.deleteFrom('signInLinks').where('expiresAt', '<', new Date()).execute();
  },
};
