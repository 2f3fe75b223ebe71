import type { Selectable } from 'kysely';
import type { Database } from './database.ts';
import type { ReplaysTable } from './tables.ts';

export type Replay = Selectable<ReplaysTable>;

export const replays = {
  /** Notes that a request has begun; `first` is false when an earlier one with the same key is noted already. */
  begin: async (db: Database, key: string): Promise<{ first: boolean; replay: Replay }> => {
    const inserted = await db
      .insertInto('replays')
      .values({ key, status: null, body: null })
      .onConflict((on) => on.doNothing())
      .returningAll()
      .executeTakeFirst();
    if (inserted !== undefined) return { first: true, replay: inserted };
    const replay = await db.selectFrom('replays').selectAll().where('key', '=', key).executeTakeFirst();
    return replay === undefined ? replays.begin(db, key) : { first: false, replay };
  },

  answered: async (
    db: Database,
    key: string,
    answer: { status: number; headers: Record<string, string>; body: Buffer },
  ): Promise<void> => {
    await db
      .updateTable('replays')
      .set({ status: answer.status, headers: JSON.stringify(answer.headers), body: answer.body })
      .where('key', '=', key)
      .execute();
  },

  /** The client has its answer: the same request from now on is a new one. */
  forget: async (db: Database, key: string): Promise<void> => {
    await db.deleteFrom('replays').where('key', '=', key).execute();
  },

  removeOlderThan: async (db: Database, before: Date): Promise<void> => {
    await db.deleteFrom('replays').where('createdAt', '<', before).execute();
  },
};
