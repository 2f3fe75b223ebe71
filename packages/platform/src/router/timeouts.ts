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
}

export const defaultTimeouts: Timeouts = {
  connectMs: 5_000,
  firstByteMs: 30_000,
  idleMs: 55_000,
  bootMs: 75_000,
  quarantineMs: 5_000,
  refusedMs: 75_000,
};
