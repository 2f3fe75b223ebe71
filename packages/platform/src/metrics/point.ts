import { addHistograms, type Histogram } from './histogram.ts';

/** What a dyno used in a while; sums, so that points can be merged. */
export interface DynoPoint {
  readonly samples: number;
  readonly memorySum: number;
  readonly memoryMax: number;
  /** Memory of its size. */
  readonly quota: number;
  /** Processors in use; the first sample of a dyno has none. */
  readonly loadSamples: number;
  readonly loadSum: number;
  readonly loadMax: number;
}

/** How an app did in a while. */
export interface Point {
  /** Unix time in seconds at which the while began. */
  readonly at: number;
  /** Requests by the hundreds of their status: `{"2": 14, "5": 1}`. */
  readonly requests: Readonly<Record<string, number>>;
  /** H and R codes and how often. */
  readonly codes: Readonly<Record<string, number>>;
  readonly service: Histogram;
  /** By name: `web.1`. */
  readonly dynos: Readonly<Record<string, DynoPoint>>;
}

export const emptyPoint = (at: number): Point => ({ at, requests: {}, codes: {}, service: [], dynos: {} });

const addCounts = (a: Point['codes'], b: Point['codes']): Point['codes'] => {
  const sum: Record<string, number> = { ...a };
  for (const [name, count] of Object.entries(b)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
};

const addDynos = (a: DynoPoint, b: DynoPoint): DynoPoint => ({
  samples: a.samples + b.samples,
  memorySum: a.memorySum + b.memorySum,
  memoryMax: Math.max(a.memoryMax, b.memoryMax),
  quota: b.quota,
  loadSamples: a.loadSamples + b.loadSamples,
  loadSum: a.loadSum + b.loadSum,
  loadMax: Math.max(a.loadMax, b.loadMax),
});

/** Both as one; begins where `a` does. */
export const mergePoints = (a: Point, b: Point): Point => {
  const dynos: Record<string, DynoPoint> = { ...a.dynos };
  for (const [name, dyno] of Object.entries(b.dynos)) {
    const before = dynos[name];
    dynos[name] = before === undefined ? dyno : addDynos(before, dyno);
  }
  return {
    at: a.at,
    requests: addCounts(a.requests, b.requests),
    codes: addCounts(a.codes, b.codes),
    service: addHistograms(a.service, b.service),
    dynos,
  };
};

/** Sums up points, in order of time, into whiles of so many seconds. */
export const downsample = (points: readonly Point[], seconds: number): Point[] => {
  const merged = new Map<number, Point>();
  for (const point of points) {
    const at = point.at - (point.at % seconds);
    merged.set(at, mergePoints(merged.get(at) ?? emptyPoint(at), point));
  }
  return [...merged.values()];
};
