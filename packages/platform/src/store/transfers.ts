import type { Insertable, Selectable } from 'kysely';
import { sql } from 'kysely';
import type { AddOnId, AppId } from '../domain/ids.ts';
import type { Database } from './database.ts';
import { isUuid } from './is-uuid.ts';
import type { TransferLine, TransferSchedulesTable, TransferState, TransfersTable } from './transfer-tables.ts';

export type Transfer = Selectable<TransfersTable>;
export type TransferSchedule = Selectable<TransferSchedulesTable>;
export type NewTransfer = Omit<Insertable<TransfersTable>, 'number' | 'state' | 'log'>;

const unfinished: readonly TransferState[] = ['pending', 'running'];

export const transfers = {
  /** Numbers it within its app; what a schedule asks for a second time for the same time isn't made again. */
  insert: (db: Database, row: NewTransfer): Promise<Transfer | undefined> =>
    db.transaction().execute(async (tx) => {
      await sql`SELECT 1 FROM apps WHERE id = ${row.appId} FOR UPDATE`.execute(tx);
      const { last } = await tx
        .selectFrom('transfers')
        .select((eb) => eb.fn.max('number').as('last'))
        .where('appId', '=', row.appId)
        .executeTakeFirstOrThrow();
      return tx
        .insertInto('transfers')
        .values({ ...row, number: Number(last ?? 0) + 1 })
        .onConflict((conflict) => conflict.columns(['scheduleId', 'dueAt']).doNothing())
        .returningAll()
        .executeTakeFirst();
    }),

  byId: (db: Database, id: string): Promise<Transfer | undefined> =>
    isUuid(id)
      ? db.selectFrom('transfers').selectAll().where('id', '=', id).executeTakeFirst()
      : Promise.resolve(undefined),

  byRequestKey: (db: Database, requestKey: string): Promise<Transfer | undefined> =>
    db.selectFrom('transfers').selectAll().where('requestKey', '=', requestKey).executeTakeFirst(),

  /** By its UUID or its number within the app. */
  find: (db: Database, appId: AppId, idOrNumber: string): Promise<Transfer | undefined> => {
    const query = db.selectFrom('transfers').selectAll().where('appId', '=', appId);
    if (isUuid(idOrNumber)) return query.where('id', '=', idOrNumber).executeTakeFirst();
    const number = /^\d{1,9}$/.test(idOrNumber) ? Number(idOrNumber) : -1;
    return query.where('number', '=', number).executeTakeFirst();
  },

  ofApp: (db: Database, appId: AppId): Promise<Transfer[]> =>
    db.selectFrom('transfers').selectAll().where('appId', '=', appId).orderBy('number', 'desc').execute(),

  unfinished: (db: Database): Promise<Transfer[]> =>
    db.selectFrom('transfers').selectAll().where('state', 'in', unfinished).orderBy('createdAt').execute(),

  /** Every backup whose file is to be kept. */
  backupIds: async (db: Database): Promise<ReadonlySet<string>> => {
    const rows = await db.selectFrom('transfers').select('id').where('kind', '=', 'backup').execute();
    return new Set(rows.map((row) => row.id));
  },

  /** Notes a change of one that isn't over; @returns whether there was one. */
  change: async (
    db: Database,
    id: string,
    change: {
      readonly state?: TransferState;
      readonly startedAt?: Date;
      readonly finishedAt?: Date;
      readonly processedBytes?: number;
      readonly sourceBytes?: number;
      readonly warnings?: number;
    },
    line?: string,
  ): Promise<boolean> => {
    const added: readonly TransferLine[] =
      line === undefined ? [] : [{ created_at: new Date().toISOString(), message: line }];
    const { numUpdatedRows } = await db
      .updateTable('transfers')
      .set({ ...change, log: sql<string>`log || ${JSON.stringify(added)}::jsonb` })
      .where('id', '=', id)
      .where('state', 'in', unfinished)
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  },

  remove: async (db: Database, id: string): Promise<void> => {
    await db.deleteFrom('transfers').where('id', '=', id).execute();
  },

  /** Backups of a database that a schedule has made before a time. */
  scheduledBefore: (db: Database, addOnId: AddOnId, before: Date): Promise<Transfer[]> =>
    db
      .selectFrom('transfers')
      .selectAll()
      .where('fromAddOnId', '=', addOnId)
      .where('scheduled', '=', true)
      .where('state', 'not in', unfinished)
      .where('createdAt', '<', before)
      .execute(),
};

export const transferSchedules = {
  put: (
    db: Database,
    row: { addOnId: AddOnId; name: string; hour: number; timezone: string; nextAt: Date },
  ): Promise<TransferSchedule> =>
    db
      .insertInto('transferSchedules')
      .values(row)
      .onConflict((conflict) =>
        conflict.columns(['addOnId', 'name']).doUpdateSet({
          hour: row.hour,
          timezone: row.timezone,
          nextAt: row.nextAt,
          updatedAt: new Date(),
        }),
      )
      .returningAll()
      .executeTakeFirstOrThrow(),

  /** Those of all databases that an app owns. */
  ofApp: (db: Database, appId: AppId): Promise<TransferSchedule[]> =>
    db
      .selectFrom('transferSchedules')
      .innerJoin('addOns', 'addOns.id', 'transferSchedules.addOnId')
      .selectAll('transferSchedules')
      .where('addOns.appId', '=', appId)
      .where('addOns.state', '=', 'provisioned')
      .orderBy('transferSchedules.name')
      .execute(),

  due: (db: Database, now: Date): Promise<TransferSchedule[]> =>
    db.selectFrom('transferSchedules').selectAll().where('nextAt', '<=', now).execute(),

  all: (db: Database): Promise<TransferSchedule[]> => db.selectFrom('transferSchedules').selectAll().execute(),

  setNext: async (db: Database, id: string, nextAt: Date): Promise<void> => {
    await db.updateTable('transferSchedules').set({ nextAt, updatedAt: new Date() }).where('id', '=', id).execute();
  },

  /** @returns the one removed. */
  remove: (db: Database, addOnId: AddOnId, id: string): Promise<TransferSchedule | undefined> =>
    isUuid(id)
      ? db
          .deleteFrom('transferSchedules')
          .where('id', '=', id)
          .where('addOnId', '=', addOnId)
          .returningAll()
          .executeTakeFirst()
      : Promise.resolve(undefined),
};
