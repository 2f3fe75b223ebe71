/** Where visitors come from: a router's address, and the host name they ask for. */
export interface Target {
  readonly port: number;
  /** `shop.localhost` */
  readonly host: string;
  readonly path?: string;
}

export interface LoadOptions {
  /** 200 when absent, or what RAVINE_LOAD_RATE says. */
  readonly perSecond?: number;
  /** Beyond it a visit is not sent and counts as failed, so that a stalled server can't eat the tester's memory. */
  readonly maxInFlight?: number;
  readonly timeoutMs?: number;
}

/** One request that failed. Times are milliseconds of the machine's monotonic clock, see {@link nowMs}. */
export interface FailedVisit {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
  readonly status?: number;
  /** What the client saw in place of a whole answer. */
  readonly error?: string;
  /** The Heroku error code, such as H13, where the page shows one; the app's log always does. */
  readonly code?: string;
  /** How many requests this connection had carried before. */
  readonly before: number;
}

export interface LoadCounts {
  readonly sent: number;
  readonly answered: number;
  readonly failed: number;
}

/** What a load came to. */
export interface LoadOutcome extends LoadCounts {
  readonly failures: readonly FailedVisit[];
  /** Start and end of each visit in turns, whatever came of it. */
  readonly spans: Float64Array;
  /** The longest time that the client was late with a visit; it had no say in what the server did meanwhile. */
  readonly latestMs: number;
}

/** Client -> test. `polled` answers `poll`: what the kernel knew of connections by then is known to the client. */
export type FromLoadClient =
  | { readonly type: 'counts'; readonly counts: LoadCounts }
  | { readonly type: 'polled'; readonly atMs: number }
  | { readonly type: 'outcome'; readonly outcome: LoadOutcome };

/** Test -> client. */
export type ToLoadClient = 'poll' | 'stop';

/** Milliseconds of a clock that is the same in all processes of a machine. */
export const nowMs = (): number => {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
};
