/** What the watching thread found when the main thread did not come round in time. */
export interface StuckReport {
  readonly stuckForMs: number;
  /** Frames such as `handle (file:///app/a.ts:10:3)`, innermost first; empty when the main thread would not pause. */
  readonly stack: readonly string[];
}

export const isStuckReport = (value: unknown): value is StuckReport =>
  typeof value === 'object' &&
  value !== null &&
  'stuckForMs' in value &&
  'stack' in value &&
  Array.isArray(value.stack);

const callersInLog = 7;

/** For a log: how long and where it stood, and the frames around that. */
export const inWords = (
  report: StuckReport | undefined,
  timeoutMs: number,
): { readonly where: string; readonly callers: readonly string[] } => {
  const { stuckForMs, stack } = report ?? { stuckForMs: timeoutMs, stack: [] };
  const [
    place = 'a place that could not be found, since not even its watching thread answered or it stood in native code',
    ...callers
  ] = stack;
  return { where: `for ${(stuckForMs / 1_000).toFixed(1)} s in ${place}`, callers: callers.slice(0, callersInLog) };
};
