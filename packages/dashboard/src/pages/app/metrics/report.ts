import { useQuery } from '@tanstack/react-query';
import { ask } from '../../../api/request.ts';
import type { ChangeEvent } from '../../../api/shapes.ts';

export const ranges = ['2h', '24h', '72h', '7d'] as const;
export type Range = (typeof ranges)[number];

/** A number for each step; null where nothing was measured. */
export type Column = readonly (number | null)[];

interface ProcessReport {
  readonly memory: { readonly avg: Column; readonly max: Column; readonly quota: number };
  readonly load: { readonly avg: Column; readonly max: Column };
}

/** How an app did; docs/api.md, "Metrics". */
export interface Report {
  /** Seconds. */
  readonly step: number;
  /** Unix time in seconds at which each step begins. */
  readonly at: readonly number[];
  readonly requests: Readonly<Record<string, Column>>;
  readonly service: { readonly p50: Column; readonly p95: Column; readonly p99: Column };
  readonly codes: Readonly<Record<string, Column>>;
  readonly processes: Readonly<Record<string, ProcessReport>>;
  readonly marks: readonly ChangeEvent[];
}

/** Dynos are measured this often; nothing tells that a minute has passed. */
const measuredMs = 20_000;

export const useReport = (app: string, range: Range) =>
  useQuery({
    queryKey: ['app', app, 'metrics', range],
    queryFn: ({ signal }) => ask<Report>('GET', `/apps/${app}/metrics?range=${range}`, undefined, { signal }),
    refetchInterval: measuredMs,
    placeholderData: (before) => before,
  });

/** The step that is not over yet is measured for as long as it lasts, but for no less than this. */
const leastSeconds = 10;

/** Counts of steps as counts of a minute, by which one range can be held against another. */
export const perMinute = (
  { at, step }: Pick<Report, 'at' | 'step'>,
  counts: Column,
  nowSeconds = Date.now() / 1000,
): Column =>
  counts.map((count, n) => {
    const lasted = Math.min(step, Math.max(leastSeconds, nowSeconds - (at[n] ?? 0)));
    return count === null ? null : (count * 60) / lasted;
  });

/** Whether there is anything to draw. */
export const isMeasured = (columns: readonly Column[]): boolean =>
  columns.some((column) => column.some((value) => value !== null));
