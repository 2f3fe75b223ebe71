import type { Insertable, Selectable } from 'kysely';
import type { AccountId, AddOnId, AppId } from '../domain/ids.ts';
import type { Database } from './database.ts';
import { isUuid } from './is-uuid.ts';
import type { AddOnState, AddOnsTable } from './tables.ts';

export type AddOn = Selectable<AddOnsTable>;

export interface AddOnChange {
  readonly name?: string;
  readonly plan?: string;
  readonly state?: AddOnState;
  readonly resource?: Record<string, unknown>;
  readonly sealedConfig?: Buffer | null;
  readonly failureReason?: string | null;
}

const columns = ({ resource, ...rest }: AddOnChange) => ({
  ...rest,
  ...(resource === undefined ? {} : { resource: JSON.stringify(resource) }),
  updatedAt: new Date(),
});

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

  update: (db: Database, id: AddOnId, change: AddOnChange): Promise<AddOn> =>
    db.updateTable('addOns').set(columns(change)).where('id', '=', id).returningAll().executeTakeFirstOrThrow(),

  /** Changes an add-on only if it is still in the state it is to leave. */
  move: async (db: Database, id: AddOnId, from: AddOnState, change: AddOnChange): Promise<void> => {
    await db.updateTable('addOns').set(columns(change)).where('id', '=', id).where('state', '=', from).execute();
  },

  /** Every add-on of an app that still has something to run or to remove. */
  liveOfApp: (db: Database, appId: AppId): Promise<AddOn[]> =>
    db.selectFrom('addOns').selectAll().where('appId', '=', appId).where('state', '!=', 'deprovisioned').execute(),

  /** Forgets add-ons of which nothing is left. */
  forgetGone: async (db: Database, which: { appId: AppId } | { before: Date }): Promise<void> => {
    const query = db.deleteFrom('addOns').where('state', '=', 'deprovisioned');
    await ('appId' in which
      ? query.where('appId', '=', which.appId)
      : query.where('updatedAt', '<', which.before)
    ).execute();
  },
};
