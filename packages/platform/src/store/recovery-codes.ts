import type { AccountId } from '../domain/ids.ts';
import type { Database } from './database.ts';

export const recoveryCodes = {
  /** These, and no others that were there before. */
  replace: async (tx: Database, accountId: AccountId, hashes: readonly Buffer[]): Promise<void> => {
    await tx.deleteFrom('recoveryCodes').where('accountId', '=', accountId).execute();
    if (hashes.length === 0) return;
    await tx
      .insertInto('recoveryCodes')
      .values(hashes.map((codeHash) => ({ accountId, codeHash })))
      .execute();
  },

  /** Uses one up; answers whether it was there. */
  use: async (db: Database, accountId: AccountId, codeHash: Buffer): Promise<boolean> => {
    const result = await db
      .deleteFrom('recoveryCodes')
      .where('accountId', '=', accountId)
      .where('codeHash', '=', codeHash)
      .executeTakeFirst();
    return result.numDeletedRows > 0n;
  },

  count: async (db: Database, accountId: AccountId): Promise<number> => {
    const row = await db
      .selectFrom('recoveryCodes')
      .select(({ fn }) => fn.countAll<number>().as('left'))
      .where('accountId', '=', accountId)
      .executeTakeFirstOrThrow();
    return Number(row.left);
  },
};
