import type { Services } from '../api/services.ts';
import { logRuntimeMetrics } from '../contract/features.data.ts';
import type { DataFolder } from '../domain/data-folder.ts';
import type { LogSink } from '../domain/log-line.ts';
import { Collector } from '../metrics/collector.ts';
import { MetricStore } from '../metrics/metric-store.ts';
import { readReport } from '../metrics/report.ts';
import type { DynoSample } from '../runtime/ports.ts';
import { apps } from '../store/apps.ts';
import type { Database } from '../store/database.ts';
import { features } from '../store/features.ts';

/** Counts what passes into apps' logs and what dynos use, and tells how apps did. */
export const appMetrics = (
  db: Database,
  data: DataFolder,
  toLog: LogSink,
  onFault: (error: unknown) => void,
): Services['metrics'] & {
  readonly sink: LogSink;
  readonly onUsage: (seen: readonly DynoSample[]) => void;
} & AsyncDisposable => {
  const store = new MetricStore(data.metrics);
  const collector = new Collector({
    store,
    sink: toLog,
    wantLines: () => features.appsWith(db, logRuntimeMetrics),
    apps: async () => (await apps.all(db)).map(({ id }) => id),
    onFault,
  });
  return {
    sink: collector.counting(toLog),
    onUsage: (seen) => collector.noteDynos(seen),
    report: async (appId, range, dyno) => {
      await collector.settled();
      return readReport(store, appId, {
        range,
        dyno,
        nowSeconds: Math.floor(Date.now() / 1000),
        current: collector.current(appId),
      });
    },
    [Symbol.asyncDispose]: () => collector[Symbol.asyncDispose](),
  };
};
