import type { ColumnType, Generated } from 'kysely';
import type { AddOnId, AppId, DynoId, SchedulerJobId } from '../domain/ids.ts';

export type Frequency = 'every-10-minutes' | 'hourly' | 'daily' | 'cron';

export interface SchedulerJobsTable {
  readonly id: Generated<SchedulerJobId>;
  readonly addOnId: AddOnId;
  readonly appId: AppId;
  readonly command: string;
  readonly size: string;
  readonly frequency: Frequency;
  readonly at: string;
  readonly timeZone: string;
  readonly enabled: ColumnType<boolean, boolean | undefined, boolean>;
  readonly nextRunAt: Date | null;
  readonly createdAt: ColumnType<Date, Date | undefined, Date>;
  readonly updatedAt: ColumnType<Date, Date | undefined, Date>;
}

export interface SchedulerRunsTable {
  readonly id: Generated<string>;
  readonly jobId: SchedulerJobId;
  readonly dueAt: Date;
  readonly state: 'running' | 'finished' | 'missed' | 'refused';
  readonly dynoId: DynoId | null;
  readonly dynoName: string | null;
  readonly exitCode: ColumnType<number | null, number | null | undefined, number | null>;
  readonly reason: string | null;
  readonly startedAt: Date | null;
  readonly finishedAt: ColumnType<Date | null, Date | null | undefined, Date | null>;
}
