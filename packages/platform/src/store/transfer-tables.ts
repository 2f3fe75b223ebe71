import type { ColumnType, Generated } from 'kysely';
import type { AddOnId, AppId } from '../domain/ids.ts';

type Defaulted<T> = ColumnType<T, T | undefined, T>;

export interface TransferSchedulesTable {
  readonly id: Generated<string>;
  readonly addOnId: AddOnId;
  readonly name: string;
  readonly hour: number;
  readonly timezone: string;
  readonly nextAt: Date;
  readonly createdAt: Defaulted<Date>;
  readonly updatedAt: Defaulted<Date>;
}

export type TransferState = 'pending' | 'running' | 'succeeded' | 'failed' | 'canceled';

export interface TransferLine {
  readonly created_at: string;
  readonly message: string;
}

export interface TransfersTable {
  readonly id: Generated<string>;
  readonly appId: AppId;
  readonly number: number;
  readonly kind: 'backup' | 'restore' | 'copy';
  readonly fromAddOnId: AddOnId | null;
  readonly toAddOnId: AddOnId | null;
  readonly fromName: string;
  readonly toName: string;
  readonly backupId: string | null;
  readonly sealedUrl: Buffer | null;
  readonly extensions: Defaulted<string[]>;
  readonly scheduleId: string | null;
  readonly scheduled: Defaulted<boolean>;
  readonly dueAt: Date | null;
  readonly state: Defaulted<TransferState>;
  readonly processedBytes: Defaulted<number>;
  readonly sourceBytes: Defaulted<number>;
  readonly warnings: Defaulted<number>;
  readonly log: ColumnType<readonly TransferLine[], string | undefined, string>;
  readonly requestKey: string | null;
  readonly createdAt: Defaulted<Date>;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
}
