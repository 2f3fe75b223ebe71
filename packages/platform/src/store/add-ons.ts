import type { Insertable, Selectable } from 'kysely';
import type { AccountId, AddOnId, AppId } from '../domain/ids.ts';
import type { Database } from './database.ts';
import { isUuid } from './is-uuid.ts';
import type { AddOnState, AddOnsTable } from './tables.ts';

export type AddOn = Selectable<AddOnsTable>;

export const addOns = {
  insert: (db: Database, row: Insertable<AddOnsTable>): Promise<AddOn> =>
    db.insertInto('addOns').values(row).returningAll().executeTakeFirstOrThrow(),

  byId: (db: Database, id: AddOnId): Promise<AddOn | undefined> =>
    db.selectFrom('addOns').selectAll().where('id', '=', id).executeTakeFirst(),

  /** By UUID or global name, gone ones excluded. */
  find: (db: Database, idOrName: string): Promise<AddOn | undefined> =>
    db
      .selectFrom('addOns')
      .selectAll()
      .where(isUuid(idOrName) ? 'id' : 'name', '=', idOrName as AddOnId) // a UUID after the check beside it
      .where('state', '!=', 'deprovisioned')
      .executeTakeFirst(),

  byRequestKey: (db: Database, requestKey: string): Promise<AddOn | undefined> =>
    db.selectFrom('addOns').selectAll().where('requestKey', '=', requestKey).executeTakeFirst(),

  /** Add-ons that the app pays for (as opposed to those only attached to it). */
  ofApp: (db: Database, appId: AppId): Promise<AddOn[]> =>
    db
      .selectFrom('addOns')
      .selectAll()
      .where('appId', '=', appId)
      .where('state', 'in', ['provisioning', 'provisioned'])
      .orderBy('createdAt')
      .execute(),

  /** Add-ons of all apps that the account can see. */
  ofAccount: (db: Database, accountId: AccountId): Promise<AddOn[]> =>
    db
      .selectFrom('addOns')
      .innerJoin('apps', 'apps.id', 'addOns.appId')
      .selectAll('addOns')
      .where('apps.deletedAt', 'is', null)
      .where('addOns.state', 'in', ['provisioning', 'provisioned'])
      .where((eb) =>
        eb.or([
          eb('apps.ownerId', '=', accountId),
          eb('apps.id', 'in', eb.selectFrom('collaborators').select('appId').where('accountId', '=', accountId)),
        ]),
      )
      .orderBy('addOns.createdAt')
      .execute(),

  /** Every add-on that still has something to run or to remove. */
  live: (db: Database): Promise<AddOn[]> =>
    db.selectFrom('addOns').selectAll().where('state', '!=', 'deprovisioned').orderBy('createdAt').execute(),

  update: async (
    db: Database,
    id: AddOnId,
    change: {
      name?: string;
      plan?: string;
      state?: AddOnState;
      resource?: Record<string, unknown>;
      sealedConfig?: Buffer;
      failureReason?: string | null;
    },
  ): Promise<AddOn> => {
    const { resource, ...rest } = change;
    return db
      .updateTable('addOns')
      .set({
        ...rest,
        ...(resource === undefined ? {} : { resource: JSON.stringify(resource) }),
        updatedAt: new Date(),
      })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
  },

  remove: async (db: Database, id: AddOnId): Promise<void> => {
    await db.deleteFrom('addOns').where('id', '=', id).execute();
  },
};
