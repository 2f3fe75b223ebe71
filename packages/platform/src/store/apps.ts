import { type Selectable, sql } from 'kysely';
import type { AccountId, AppId } from '../domain/ids.ts';
import type { Database } from './database.ts';
import { isUuid } from './is-uuid.ts';
import type { AppsTable } from './tables.ts';

export type App = Selectable<AppsTable>;

export interface AppChange {
  readonly name?: string;
  readonly stack?: string;
  readonly buildStack?: string;
  readonly maintenance?: boolean;
  readonly acm?: boolean;
  readonly ownerId?: AccountId;
  readonly buildpackProvidedDescription?: string | null;
  readonly repoSize?: number;
  readonly releasedAt?: Date;
}

export const apps = {
  /** @throws a unique violation of `apps_name_key` when the name is taken. */
  insert: (
    db: Database,
    row: { name: string; ownerId: AccountId; region: string; stack: string; requestKey: string | null },
  ): Promise<App> =>
    db
      .insertInto('apps')
      .values({ ...row, buildStack: row.stack, buildpackProvidedDescription: null, releasedAt: null, deletedAt: null })
      .returningAll()
      .executeTakeFirstOrThrow(),

  /** Finds an app that isn't being removed, by its UUID or its name. */
  find: (db: Database, idOrName: string): Promise<App | undefined> =>
    db
      .selectFrom('apps')
      .selectAll()
      .where(isUuid(idOrName) ? 'id' : 'name', '=', idOrName as AppId) // a UUID after the check beside it
      .where('deletedAt', 'is', null)
      .executeTakeFirst(),

  /** Whether an app has this name, one that is being removed included. */
  isNamed: async (db: Database, name: string): Promise<boolean> =>
    (await db.selectFrom('apps').select('id').where('name', '=', name).executeTakeFirst()) !== undefined,

  byRequestKey: (db: Database, requestKey: string): Promise<App | undefined> =>
    db
      .selectFrom('apps')
      .selectAll()
      .where('requestKey', '=', requestKey)
      .where('deletedAt', 'is', null)
      .executeTakeFirst(),

  /** Apps that the account owns or collaborates on, by name. */
  ofAccount: (db: Database, accountId: AccountId): Promise<App[]> =>
    db
      .selectFrom('apps')
      .selectAll()
      .where('deletedAt', 'is', null)
      .where((eb) =>
        eb.or([
          eb('ownerId', '=', accountId),
          eb('id', 'in', eb.selectFrom('collaborators').select('appId').where('accountId', '=', accountId)),
        ]),
      )
      .orderBy('name')
      .execute(),

  /** Also of an app that is being removed. */
  ownerOf: async (db: Database, id: AppId): Promise<AccountId> =>
    (await db.selectFrom('apps').select('ownerId').where('id', '=', id).executeTakeFirstOrThrow()).ownerId,

  /** All apps that aren't being removed. */
  all: (db: Database): Promise<App[]> =>
    db.selectFrom('apps').selectAll().where('deletedAt', 'is', null).orderBy('name').execute(),

  beingRemoved: (db: Database): Promise<App[]> =>
    db.selectFrom('apps').selectAll().where('deletedAt', 'is not', null).execute(),

  /** Holds the app's row until the transaction ends; releases of one app are made one after the other. */
  lock: (tx: Database, id: AppId): Promise<App | undefined> =>
    tx
      .selectFrom('apps')
      .selectAll()
      .where('id', '=', id)
      .where('deletedAt', 'is', null)
      .forUpdate()
      .executeTakeFirst(),

  update: (db: Database, id: AppId, change: AppChange): Promise<App> =>
    db
      .updateTable('apps')
      .set({ ...change, updatedAt: new Date() })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow(),

  /** From now on nobody finds it, and its name is free. */
  markDeleted: async (db: Database, id: AppId): Promise<void> => {
    await db
      .updateTable('apps')
      .set({ deletedAt: new Date(), name: sql<string>`'(deleted) ' || id` })
      .where('id', '=', id)
      .execute();
  },

  remove: async (db: Database, id: AppId): Promise<void> => {
    await db.deleteFrom('apps').where('id', '=', id).execute();
  },
};
