import type { Insertable, Selectable } from 'kysely';
import type { Database } from './database.ts';
import type { LogSessionsTable } from './tables.ts';

export type LogSession = Selectable<LogSessionsTable>;

export const logSessions = {
  insert: (db: Database, row: Insertable<LogSessionsTable>): Promise<LogSession> =>
    db.insertInto('logSessions').values(row).returningAll().executeTakeFirstOrThrow(),

  bySecretHash: (db: Database, secretHash: Buffer): Promise<LogSession | undefined> =>
    db.selectFrom('logSessions').selectAll().where('secretHash', '=', secretHash).executeTakeFirst(),

  removeOlderThan: async (db: Database, before: Date): Promise<void> => {
    await db.deleteFrom('logSessions').where('createdAt', '<', before).execute();
  },
};
