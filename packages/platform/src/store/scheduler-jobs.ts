import type { Insertable, Selectable, Updateable } from 'kysely';
import type { AppId, SchedulerJobId } from '../domain/ids.ts';
import type { Database } from './database.ts';
import { isUuid } from './is-uuid.ts';
import type { SchedulerJobsTable, SchedulerRunsTable } from './scheduler-tables.ts';

export type SchedulerJob = Selectable<SchedulerJobsTable>;
export type SchedulerRun = Selectable<SchedulerRunsTable>;

export const schedulerJobs = {
  insert: (db: Database, row: Insertable<SchedulerJobsTable>): Promise<SchedulerJob> =>
    db.insertInto('schedulerJobs').values(row).returningAll().executeTakeFirstOrThrow(),

  ofApp: (db: Database, appId: AppId): Promise<SchedulerJob[]> =>
    db.selectFrom('schedulerJobs').selectAll().where('appId', '=', appId).orderBy('createdAt').execute(),

  find: (db: Database, appId: AppId, id: string): Promise<SchedulerJob | undefined> =>
    isUuid(id)
      ? db
          .selectFrom('schedulerJobs')
          .selectAll()
          .where('appId', '=', appId)
          .where('id', '=', id as SchedulerJobId) // checked beside
          .executeTakeFirst()
      : Promise.resolve(undefined),

  update: (db: Database, id: SchedulerJobId, change: Updateable<SchedulerJobsTable>): Promise<SchedulerJob> =>
    db
      .updateTable('schedulerJobs')
      .set({ ...change, updatedAt: new Date() })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow(),

  remove: async (db: Database, id: SchedulerJobId): Promise<void> => {
    await db.deleteFrom('schedulerJobs').where('id', '=', id).execute();
  },

  /** A job whose time has come and that nobody else is at, locked for this transaction; its add-on is there. */
  lockDue: (tx: Database, now: Date): Promise<SchedulerJob | undefined> =>
    tx
      .selectFrom('schedulerJobs')
      .selectAll('schedulerJobs')
      .innerJoin('addOns', 'addOns.id', 'schedulerJobs.addOnId')
      .innerJoin('apps', 'apps.id', 'schedulerJobs.appId')
      .where('addOns.state', '=', 'provisioned')
      .where('apps.deletedAt', 'is', null)
      .where('nextRunAt', '<=', now)
      .orderBy('nextRunAt')
      .limit(1)
      .forUpdate('schedulerJobs')
      .skipLocked()
      .executeTakeFirst(),

  /** Those that are to run some day. */
  waiting: (db: Database): Promise<SchedulerJob[]> =>
    db.selectFrom('schedulerJobs').selectAll().where('nextRunAt', 'is not', null).execute(),

  hasRun: async (db: Database, jobId: SchedulerJobId, dueAt: Date): Promise<boolean> => {
    const found = db.selectFrom('schedulerRuns').select('id').where('jobId', '=', jobId).where('dueAt', '=', dueAt);
    return (await found.executeTakeFirst()) !== undefined;
  },

  /** When the next job is due. */
  nextRunAt: async (db: Database): Promise<Date | undefined> => {
    const found = await db
      .selectFrom('schedulerJobs')
      .select('nextRunAt')
      .where('nextRunAt', 'is not', null)
      .orderBy('nextRunAt')
      .limit(1)
      .executeTakeFirst();
    return found?.nextRunAt ?? undefined;
  },

  /** Notes a run; undefined when there is one for that time. */
  noteRun: (tx: Database, row: Insertable<SchedulerRunsTable>): Promise<SchedulerRun | undefined> =>
    tx
      .insertInto('schedulerRuns')
      .values(row)
      .onConflict((conflict) => conflict.columns(['jobId', 'dueAt']).doNothing())
      .returningAll()
      .executeTakeFirst(),

  /** Runs of a job, the newest first. */
  runs: (db: Database, jobId: SchedulerJobId, limit: number): Promise<SchedulerRun[]> =>
    db
      .selectFrom('schedulerRuns')
      .selectAll()
      .where('jobId', '=', jobId)
      .orderBy('dueAt', 'desc')
      .limit(limit)
      .execute(),

  forgetRunsBefore: async (db: Database, before: Date): Promise<void> => {
    await db.deleteFrom('schedulerRuns').where('dueAt', '<', before).where('state', '!=', 'running').execute();
  },
};
