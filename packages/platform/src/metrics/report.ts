import { type Histogram, quantile } from './histogram.ts';
import { type MetricStore, minutes, tens } from './metric-store.ts';
import { type DynoPoint, downsample, type Point } from './point.ts';

const hour = 3600;

/** What can be asked for: how far back, and in which steps. */
export const ranges = {
  '2h': { seconds: 2 * hour, step: 60, tier: minutes },
  '24h': { seconds: 24 * hour, step: 600, tier: minutes },
  '72h': { seconds: 72 * hour, step: 1800, tier: tens },
  '7d': { seconds: 168 * hour, step: hour, tier: tens },
} as const;

export type RangeName = keyof typeof ranges;

export const isRange = (text: string): text is RangeName => Object.hasOwn(ranges, text);

type Column = readonly (number | null)[];

/** Columns of numbers, one for each step: null where nothing was measured. */
export interface MetricsReport {
  readonly step: number;
  /** Unix time in seconds at which each step begins. */
  readonly at: readonly number[];
  /** `2xx` -> how many in each step. */
  readonly requests: Readonly<Record<string, Column>>;
  /** In milliseconds. */
  readonly service: { readonly p50: Column; readonly p95: Column; readonly p99: Column };
  /** `H12` -> how many in each step. */
  readonly codes: Readonly<Record<string, Column>>;
  /** By process type, over its dynos. */
  readonly processes: Readonly<Record<string, ProcessReport>>;
}

interface ProcessReport {
  readonly dynos: readonly string[];
  /** Bytes; `quota` is what each dyno has. */
  readonly memory: { readonly avg: Column; readonly max: Column; readonly quota: number };
  /** Processors in use by a dyno. */
  readonly load: { readonly avg: Column; readonly max: Column };
}

export interface ReportWish {
  readonly range: RangeName;
  readonly nowSeconds: number;
  /** One dyno (`web.1`) only, as to memory and load. */
  readonly dyno?: string | undefined;
  /** The minute that isn't kept yet. */
  readonly current?: Point | undefined;
}

/** Reads how an app did until now. */
export const readReport = async (
  store: MetricStore,
  appId: string,
  { range, nowSeconds, dyno, current }: ReportWish,
): Promise<MetricsReport> => {
  const { seconds, step, tier } = ranges[range];
  const end = nowSeconds - (nowSeconds % step) + step;
  const start = end - seconds;
  const all = [...(await store.read(appId, tier, start, end)), ...(current === undefined ? [] : [current])];
  const kept = new Map(downsample(all, step).map((point) => [point.at, point]));
  const at = Array.from({ length: seconds / step }, (_, index) => start + index * step);
  const points = at.map((time) => kept.get(time));
  return {
    step,
    at,
    requests: columns(points, ({ requests }) => prefixed(requests)),
    service: {
      p50: points.map((point) => share(point?.service, 0.5)),
      p95: points.map((point) => share(point?.service, 0.95)),
      p99: points.map((point) => share(point?.service, 0.99)),
    },
    codes: columns(points, ({ codes }) => codes),
    processes: processes(points, dyno),
  };
};

const share = (service: Histogram | undefined, part: number): number | null =>
  service === undefined ? null : quantile(service, part);

const prefixed = (requests: Point['requests']): Point['codes'] =>
  Object.fromEntries(Object.entries(requests).map(([hundreds, count]) => [`${hundreds}xx`, count]));

const columns = (
  points: readonly (Point | undefined)[],
  pick: (point: Point) => Readonly<Record<string, number>>,
): Record<string, Column> => {
  const picked = points.map((point) => (point === undefined ? undefined : pick(point)));
  const names = new Set(picked.flatMap((counts) => Object.keys(counts ?? {})));
  return Object.fromEntries(
    [...names]
      .sort()
      .map((name) => [name, picked.map((counts) => (counts === undefined ? null : (counts[name] ?? 0)))]),
  );
};

const typeOf = (dyno: string): string => dyno.slice(0, dyno.lastIndexOf('.'));

const processes = (points: readonly (Point | undefined)[], only: string | undefined): Record<string, ProcessReport> => {
  const names = new Set(points.flatMap((point) => Object.keys(point?.dynos ?? {})));
  const shown = [...names].filter((name) => only === undefined || name === only);
  const types = [...new Set(shown.map(typeOf))].sort();
  return Object.fromEntries(
    types.map((type) => {
      const dynos = shown
        .filter((name) => typeOf(name) === type)
        .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
      return [type, processReport(points, dynos)];
    }),
  );
};

const processReport = (points: readonly (Point | undefined)[], dynos: readonly string[]): ProcessReport => {
  const seen = points.map((point) =>
    dynos.flatMap((name): DynoPoint[] => (point?.dynos[name] ? [point.dynos[name]] : [])),
  );
  const sum = (some: readonly DynoPoint[], pick: (dyno: DynoPoint) => number): number =>
    some.reduce((total, dyno) => total + pick(dyno), 0);
  const ratio = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
  const most = (some: readonly DynoPoint[], pick: (dyno: DynoPoint) => number): number | null =>
    some.length === 0 ? null : Math.max(...some.map(pick));
  const whole = (value: number | null): number | null => (value === null ? null : Math.round(value));
  const fine = (value: number | null): number | null => (value === null ? null : Math.round(value * 1000) / 1000);
  return {
    dynos,
    memory: {
      avg: seen.map((some) =>
        whole(
          ratio(
            sum(some, ({ memorySum }) => memorySum),
            sum(some, ({ samples }) => samples),
          ),
        ),
      ),
      max: seen.map((some) => most(some, ({ memoryMax }) => memoryMax)),
      quota: seen.flat().at(-1)?.quota ?? 0,
    },
    load: {
      avg: seen.map((some) =>
        fine(
          ratio(
            sum(some, ({ loadSum }) => loadSum),
            sum(some, ({ loadSamples }) => loadSamples),
          ),
        ),
      ),
      max: seen.map((some) =>
        most(
          some.filter(({ loadSamples }) => loadSamples > 0),
          ({ loadMax }) => loadMax,
        ),
      ),
    },
  };
};
