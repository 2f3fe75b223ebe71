/**
 * How often each duration was seen, by buckets that grow by a tenth: any quantile is right to 5 %, and the sum of two
 * histograms is that of all they have seen. Sparse: bucket number and count, by number.
 */
export type Histogram = readonly (readonly [bucket: number, count: number])[];

const growth = Math.log(1.1);

/** Bucket 0 is what took no millisecond. */
export const bucketOf = (ms: number): number => (ms < 1 ? 0 : 1 + Math.floor(Math.log(ms) / growth));

/** The middle of a bucket, in milliseconds. */
const middleOf = (bucket: number): number => (bucket === 0 ? 0 : Math.exp((bucket - 0.5) * growth));

export const addHistograms = (a: Histogram, b: Histogram): Histogram => {
  if (a.length === 0) return b;
  const counts = new Map(a);
  for (const [bucket, count] of b) counts.set(bucket, (counts.get(bucket) ?? 0) + count);
  return [...counts].sort(([one], [other]) => one - other);
};

/** The duration below which this share of all lies, in whole milliseconds; null of nothing. */
export const quantile = (histogram: Histogram, share: number): number | null => {
  const total = histogram.reduce((sum, [, count]) => sum + count, 0);
  let left = Math.max(1, Math.ceil(total * share));
  for (const [bucket, count] of histogram) {
    left -= count;
    if (left <= 0) return Math.round(middleOf(bucket));
  }
  return null;
};
