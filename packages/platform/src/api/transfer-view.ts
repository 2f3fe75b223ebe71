import type { Transfer, TransferSchedule } from '../store/transfers.ts';

/** How the data API tells backups, restores and copies apart. */
const types = {
  backup: ['pg_dump', 'gof3r'],
  restore: ['gof3r', 'pg_restore'],
  copy: ['pg_dump', 'pg_restore'],
} as const;

/** A transfer as the data API shows it; the log is left out of lists. */
export const transferShape = (transfer: Transfer, base: string, verbose: boolean) => {
  const [fromType, toType] = types[transfer.kind];
  const isOver = transfer.state !== 'pending' && transfer.state !== 'running';
  return {
    uuid: transfer.id,
    num: transfer.number,
    from_name: transfer.fromName,
    from_type: fromType,
    from_url: null,
    to_name: transfer.toName,
    to_type: toType,
    // No file can be had at it without a token; `pg:backups:restore` sends it back.
    to_url: transfer.kind === 'backup' ? `${base}/client/v11/transfers/${transfer.id}` : null,
    created_at: transfer.createdAt.toISOString(),
    started_at: transfer.startedAt?.toISOString() ?? null,
    updated_at: (transfer.finishedAt ?? transfer.startedAt ?? transfer.createdAt).toISOString(),
    finished_at: transfer.finishedAt?.toISOString() ?? null,
    canceled_at: transfer.state === 'canceled' ? (transfer.finishedAt?.toISOString() ?? null) : null,
    succeeded: isOver ? transfer.state === 'succeeded' : null,
    processed_bytes: transfer.processedBytes,
    source_bytes: transfer.sourceBytes,
    warnings: transfer.warnings,
    schedule: transfer.scheduled ? { uuid: transfer.scheduleId } : null,
    options: {},
    ...(verbose && { logs: transfer.log }),
  };
};

export const scheduleShape = (schedule: TransferSchedule) => ({
  uuid: schedule.id,
  name: schedule.name,
  hour: schedule.hour,
  timezone: schedule.timezone,
  days: ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
  next_at: schedule.nextAt.toISOString(),
  created_at: schedule.createdAt.toISOString(),
  updated_at: schedule.updatedAt.toISOString(),
});
