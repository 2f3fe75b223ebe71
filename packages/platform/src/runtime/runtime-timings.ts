/** Dev Center, "Error Codes" R10 and R12, "Dyno Shutdown". */
export interface RuntimeTimings {
  readonly bootMs: number;
  /** How long requests in flight may take on a web dyno that is being replaced. */
  readonly drainMs: number;
  /** How long a web dyno that has handed over its visitors is left alone before its SIGTERM. */
  readonly settleMs: number;
  readonly stopMs: number;
  readonly passMs: number;
  readonly memoryMs: number;
}

export const herokuTimings: RuntimeTimings = {
  bootMs: 60_000,
  drainMs: 30_000,
  settleMs: 1500,
  stopMs: 30_000,
  passMs: 2000,
  memoryMs: 20_000,
};
