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
