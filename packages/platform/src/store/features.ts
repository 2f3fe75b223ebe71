import type { AppId } from '../domain/ids.ts';
import type { Database } from './database.ts';

export interface FeatureState {
  readonly name: string;
  readonly enabled: boolean;
  readonly updatedAt: Date;
}

export const features = {
  ofApp: (db: Database, appId: AppId): Promise<FeatureState[]> =>
    db.selectFrom('appFeatures').select(['name', 'enabled', 'updatedAt']).where('appId', '=', appId).execute(),

  /** Whether one app has it on. */
  isOn: async (db: Database, appId: AppId, name: string): Promise<boolean> =>
    (
      await db
        .selectFrom('appFeatures')
        .select('enabled')
        .where('appId', '=', appId)
        .where('name', '=', name)
        .executeTakeFirst()
    )?.enabled === true,

  /** Every app that has it on. */
  appsWith: async (db: Database, name: string): Promise<AppId[]> =>
    (
      await db.selectFrom('appFeatures').select('appId').where('name', '=', name).where('enabled', '=', true).execute()
    ).map(({ appId }) => appId),

  setForApp: async (db: Database, appId: AppId, name: string, enabled: boolean): Promise<void> => {
    const updatedAt = new Date();
    await db
      .insertInto('appFeatures')
      .values({ appId, name, enabled, updatedAt })
      .onConflict((on) => on.columns(['appId', 'name']).doUpdateSet({ enabled, updatedAt }))
      .execute();
  },
};
