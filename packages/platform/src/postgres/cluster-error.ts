/** A cluster that can't be made, started or stopped; the message says what was tried, why it failed and what to do, and holds no secret. */
export class ClusterError extends Error {
  override readonly name = 'ClusterError';
}
