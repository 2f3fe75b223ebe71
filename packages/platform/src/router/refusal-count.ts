const pauseMs = 60_000;

/** Counts refused requests that no app's log tells of. A flood of them makes one line a minute. */
export class RefusalCount {
  readonly #counts = new Map<string, number>();
  #saidAtMs = Number.NEGATIVE_INFINITY;

  /** @param cause one of a few */
  add(cause: string): void {
    this.#counts.set(cause, (this.#counts.get(cause) ?? 0) + 1);
  }

  /** What there is to say now, if there is; it is forgotten then. */
  take(nowMs: number): string | undefined {
    if (this.#counts.size === 0 || nowMs - this.#saidAtMs < pauseMs) return undefined;
    this.#saidAtMs = nowMs;
    const counts = [...this.#counts].sort(([, one], [, other]) => other - one);
    this.#counts.clear();
    const all = counts.reduce((sum, [, count]) => sum + count, 0);
    const causes = counts.map(([cause, count]) => `${count} ${cause}`).join(', ');
    return `refused ${all} ${all === 1 ? 'request' : 'requests'} for no known app: ${causes}`;
  }
}
