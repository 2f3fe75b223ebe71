/** A token bucket: lets `perSecond` through on average and up to `burst` at once. */
export class RateBound {
  readonly #perSecond: number;
  readonly #burst: number;
  #allowance: number;
  #refilledAtMs: number;

  constructor(perSecond: number, burst: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#allowance = burst;
    this.#refilledAtMs = nowMs;
  }

  /** Returns how many of `wanted` may pass at `nowMs`, a clock that never goes back. */
  take(wanted: number, nowMs: number): number {
    const refill = ((nowMs - this.#refilledAtMs) / 1000) * this.#perSecond;
    this.#allowance = Math.min(this.#burst, this.#allowance + refill);
    this.#refilledAtMs = nowMs;
    const granted = Math.min(wanted, Math.floor(this.#allowance));
    this.#allowance -= granted;
    return granted;
  }
}
