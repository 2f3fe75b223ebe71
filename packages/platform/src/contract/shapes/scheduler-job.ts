import { type Named, timestamp } from './complete.ts';

/** A job of the scheduler as the API shows it; Heroku has none, so this is the documentation (docs/api.md). */
export const schedulerJobShape = (
  job: {
    readonly id: string;
    readonly command: string;
    readonly size: string;
    readonly frequency: string;
    readonly at: string;
    readonly timeZone: string;
    readonly enabled: boolean;
    readonly nextRunAt: Date | null;
    readonly createdAt: Date;
    readonly updatedAt: Date;
  },
  app: Named,
) => ({
  app: { id: app.id, name: app.name },
  at: job.at,
  command: job.command,
  created_at: timestamp(job.createdAt),
  enabled: job.enabled,
  frequency: job.frequency,
  id: job.id,
  next_run_at: job.nextRunAt === null ? null : timestamp(job.nextRunAt),
  size: job.size,
  time_zone: job.timeZone,
  updated_at: timestamp(job.updatedAt),
});

export const schedulerRunShape = (run: {
  readonly id: string;
  readonly dueAt: Date;
  readonly state: string;
  readonly dynoName: string | null;
  readonly exitCode: number | null;
  readonly reason: string | null;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}) => ({
  due_at: timestamp(run.dueAt),
  dyno: run.dynoName,
  exit_code: run.exitCode,
  finished_at: run.finishedAt === null ? null : timestamp(run.finishedAt),
  id: run.id,
  reason: run.reason,
  started_at: run.startedAt === null ? null : timestamp(run.startedAt),
  state: run.state,
});
