import type { AppId } from '../domain/ids.ts';
import type { Database } from './database.ts';

export const configVars = {
  ofApp: (db: Database, appId: AppId): Promise<{ name: string; sealedValue: Buffer }[]> =>
    db.selectFrom('configVars').select(['name', 'sealedValue']).where('appId', '=', appId).orderBy('name').execute(),

  set: async (tx: Database, appId: AppId, name: string, sealedValue: Buffer): Promise<void> => {
    await tx
      .insertInto('configVars')
      .values({ appId, name, sealedValue })
      .onConflict((on) => on.columns(['appId', 'name']).doUpdateSet({ sealedValue }))
      .execute();
  },

  unset: async (tx: Database, appId: AppId, name: string): Promise<void> => {
    await tx.deleteFrom('configVars').where('appId', '=', appId).where('name', '=', name).execute();
  },

  clear: async (tx: Database, appId: AppId): Promise<void> => {
    await tx.deleteFrom('configVars').where('appId', '=', appId).execute();
  },
};
