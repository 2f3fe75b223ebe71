import type { ColumnType, Generated, Selectable } from 'kysely';
import type { AccountId, AppId } from '../domain/ids.ts';
import type { Database } from './database.ts';
import { isUuid } from './is-uuid.ts';

export interface AppTransfersTable {
  readonly id: Generated<string>;
  readonly appId: AppId;
  readonly ownerId: AccountId;
  readonly recipientId: AccountId;
  readonly state: ColumnType<'pending' | 'accepted' | 'declined', undefined, string>;
  readonly createdAt: ColumnType<Date, undefined, never>;
  readonly updatedAt: ColumnType<Date, undefined, Date>;
}

type Row = Selectable<AppTransfersTable>;

/** With the names that the API shows. */
export interface AppTransfer extends Row {
  readonly appName: string;
  readonly ownerEmail: string;
  readonly recipientEmail: string;
}

const select = (db: Database) =>
  db
    .selectFrom('appTransfers')
    .innerJoin('apps', 'apps.id', 'appTransfers.appId')
    .innerJoin('accounts as owner', 'owner.id', 'appTransfers.ownerId')
    .innerJoin('accounts as recipient', 'recipient.id', 'appTransfers.recipientId')
    .selectAll('appTransfers')
    .select(['apps.name as appName', 'owner.email as ownerEmail', 'recipient.email as recipientEmail'])
    .where('apps.deletedAt', 'is', null);

export const appTransfers = {
  /** @throws a unique violation of `app_transfers_pending` while the app is offered to somebody. */
  insert: async (
    db: Database,
    row: { readonly appId: AppId; readonly ownerId: AccountId; readonly recipientId: AccountId },
  ): Promise<string> => (await db.insertInto('appTransfers').values(row).returning('id').executeTakeFirstOrThrow()).id,

  /** Those that somebody has made or was offered, the newest first. */
  ofAccount: (db: Database, id: AccountId): Promise<AppTransfer[]> =>
    select(db)
      .where((eb) => eb.or([eb('appTransfers.ownerId', '=', id), eb('appTransfers.recipientId', '=', id)]))
      .orderBy('appTransfers.createdAt')
      .execute(),

  /** By its UUID or, while it is pending, by the name of its app. */
  find: (db: Database, idOrApp: string): Promise<AppTransfer | undefined> =>
    isUuid(idOrApp)
      ? select(db).where('appTransfers.id', '=', idOrApp).executeTakeFirst()
      : select(db).where('apps.name', '=', idOrApp).where('appTransfers.state', '=', 'pending').executeTakeFirst(),

  /** Ends one that is pending. @returns whether it was */
  end: async (tx: Database, id: string, state: 'accepted' | 'declined'): Promise<boolean> => {
    const { numUpdatedRows } = await tx
      .updateTable('appTransfers')
      .set({ state, updatedAt: new Date() })
      .where('id', '=', id)
      .where('state', '=', 'pending')
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  },

  remove: async (db: Database, id: string): Promise<void> => {
    await db.deleteFrom('appTransfers').where('id', '=', id).execute();
  },
};
