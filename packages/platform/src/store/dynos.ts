import type { Insertable, Selectable, Updateable } from 'kysely';
import type { AppId, DynoId } from '../domain/ids.ts';
import type { Database } from './database.ts';
import { isUuid } from './is-uuid.ts';
import type { DynosTable } from './tables.ts';

export type Dyno = Selectable<DynosTable>;

/** As in logs and commands: `web.1`. */
export const dynoName = (dyno: Pick<Dyno, 'type' | 'ordinal'>): string => `${dyno.type}.${dyno.ordinal}`;

export const dynos = {
  insert: (db: Database, row: Insertable<DynosTable>): Promise<Dyno> =>
    db.insertInto('dynos').values(row).returningAll().executeTakeFirstOrThrow(),

  all: (db: Database): Promise<Dyno[]> => db.selectFrom('dynos').selectAll().execute(),

  ofApp: (db: Database, appId: AppId): Promise<Dyno[]> =>
    db
      .selectFrom('dynos')
      .selectAll()
      .where('appId', '=', appId)
      .orderBy('type')
      .orderBy('ordinal')
      .orderBy('createdAt')
      .execute(),

  byId: (db: Database, id: DynoId): Promise<Dyno | undefined> =>
    db.selectFrom('dynos').selectAll().where('id', '=', id).executeTakeFirst(),

  /** By UUID or name; of two that share a name during a switch-over, the newer. */
  find: (db: Database, appId: AppId, idOrName: string): Promise<Dyno | undefined> => {
    const query = db.selectFrom('dynos').selectAll().where('appId', '=', appId);
    if (isUuid(idOrName)) return query.where('id', '=', idOrName as DynoId).executeTakeFirst(); // checked beside
    const dot = idOrName.lastIndexOf('.');
    const ordinal = Number(idOrName.slice(dot + 1));
    if (dot < 1 || !Number.isSafeInteger(ordinal) || ordinal > 2_000_000_000) return Promise.resolve(undefined);
    return query
      .where('type', '=', idOrName.slice(0, dot))
      .where('ordinal', '=', ordinal)
      .orderBy('createdAt', 'desc')
      .limit(1)
      .executeTakeFirst();
  },

  byRequestKey: (db: Database, requestKey: string): Promise<Dyno | undefined> =>
    db.selectFrom('dynos').selectAll().where('requestKey', '=', requestKey).executeTakeFirst(),

  update: async (db: Database, id: DynoId, change: Updateable<DynosTable>): Promise<void> => {
    await db
      .updateTable('dynos')
      .set({ ...change, updatedAt: new Date() })
      .where('id', '=', id)
      .execute();
  },

  /** Notes of every dyno with a process of its own accord that it shall end, so that its end is no crash. */
  noteStops: async (db: Database): Promise<void> => {
    await db
      .updateTable('dynos')
      .set({ state: 'stopping', updatedAt: new Date() })
      .where('state', 'in', ['starting', 'up'])
      .where('kind', '!=', 'release')
      .execute();
  },

  /** Leaves `updatedAt` alone: how far the output was read is no change of the dyno. */
  keepPosition: async (db: Database, id: DynoId, outputPosition: string): Promise<void> => {
    await db.updateTable('dynos').set({ outputPosition }).where('id', '=', id).execute();
  },

  remove: async (db: Database, id: DynoId): Promise<void> => {
    await db.deleteFrom('dynos').where('id', '=', id).execute();
  },

  /** Asks the reconciler to retire the app's dynos, all or those of a type or one name; answers how many. */
  retire: async (
    db: Database,
    appId: AppId,
    how: 'restart' | 'stop' | 'remove',
    which: { type?: string; id?: DynoId } = {},
  ): Promise<number> => {
    let query = db.updateTable('dynos').set({ retire: how, updatedAt: new Date() }).where('appId', '=', appId);
    if (which.type !== undefined) query = query.where('type', '=', which.type);
    if (which.id !== undefined) query = query.where('id', '=', which.id);
    const result = await query.executeTakeFirst();
    return Number(result.numUpdatedRows);
  },
};
