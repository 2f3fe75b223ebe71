import { findDynoSize } from '../domain/dyno-size.data.ts';
import type { AppId, DynoId } from '../domain/ids.ts';
import type { Loads } from './load-average.ts';

const mb = 1024 * 1024;

const megabytes = (bytes: number): string => `${(bytes / mb).toFixed(2)}MB`;

/** What a dyno's log says of its use (Dev Center "Log Runtime Metrics"), as far as it is measured: no cache, swap or page counts. */
export const usageLines = (
  {
    id,
    appId,
    name,
    size,
    memoryBytes,
  }: {
    readonly id: DynoId;
    readonly appId: AppId;
    readonly name: string;
    readonly size: string;
    readonly memoryBytes: number;
  },
  loads: Loads | undefined,
): string[] => {
  const who = `source=${name} dyno=heroku.${appId}.${id}`;
  const quota = findDynoSize(size)?.memoryBytes ?? 0;
  const memory = `${who} sample#memory_total=${megabytes(memoryBytes)} sample#memory_rss=${megabytes(memoryBytes)} sample#memory_quota=${megabytes(quota)}`;
  if (loads === undefined) return [memory];
  const [one, five, fifteen] = loads.map((load) => load.toFixed(2));
  return [`${who} sample#load_avg_1m=${one} sample#load_avg_5m=${five} sample#load_avg_15m=${fifteen}`, memory];
};
