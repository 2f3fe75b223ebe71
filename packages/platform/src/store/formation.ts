import type { Selectable } from 'kysely';
import type { AppId } from '../domain/ids.ts';
import type { Database } from './database.ts';
import type { FormationTable } from './tables.ts';

export type FormationEntry = Selectable<FormationTable>;

export const formation = {
  ofApp: (db: Database, appId: AppId): Promise<FormationEntry[]> =>
    db.selectFrom('formation').selectAll().where('appId', '=', appId).orderBy('type').execute(),

  all: (db: Database): Promise<FormationEntry[]> => db.selectFrom('formation').selectAll().execute(),

  set: (tx: Database, appId: AppId, type: string, quantity: number, size: string): Promise<FormationEntry> => {
    const updatedAt = new Date();
    return tx
      .insertInto('formation')
      .values({ appId, type, quantity, size, updatedAt })
      .onConflict((on) => on.columns(['appId', 'type']).doUpdateSet({ quantity, size, updatedAt }))
      .returningAll()
      .executeTakeFirstOrThrow();
  },

  /** Forgets process types that the app no longer has. */
  keepOnly: async (tx: Database, appId: AppId, types: readonly string[]): Promise<void> => {
    const query = tx.deleteFrom('formation').where('appId', '=', appId);
    await (types.length === 0 ? query : query.where('type', 'not in', types)).execute();
  },
};
