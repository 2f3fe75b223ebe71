/** Bounds of one exchange, in milliseconds. @see Dev Center "HTTP Routing", "Request Timeout" */
export interface Timeouts {
  /** To reach a dyno's port. */
  readonly connectMs: number;
  /** From the end of the request to the first byte of the answer. */
  readonly firstByteMs: number;
  /** Silence of either side while bytes are under way, and of a tunnel. */
  readonly idleMs: number;
  /** How long requests wait for the first dyno of a booting app. */
  readonly bootMs: number;
  /** How long a dyno that refused a connection gets no request, as long as another one is up. */
  readonly quarantineMs: number;
  /** How long a request waits while every dyno refuses. */
  readonly refusedMs: number;
  /** From the first byte of a request's head to its last, however steadily they come. */
  readonly headMs: number;
  /** How long a client's connection is kept between requests. */
  readonly clientIdleMs: number;
  /** While the router closes: how long an idle connection may still send a request. */
  readonly graceMs: number;
  /** While the router closes: how long requests may take to end (H24). */
  readonly closeMs: number;
}

export const defaultTimeouts: Timeouts = {
  connectMs: 5_000,
  firstByteMs: 30_000,
  idleMs: 55_000,
  bootMs: 75_000,
  quarantineMs: 5_000,
  refusedMs: 75_000,
  headMs: 30_000,
  clientIdleMs: 60_000,
  graceMs: 1_000,
  closeMs: 9_000,
};
