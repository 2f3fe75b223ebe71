/**
 * The time for what is looked at only now and then: read twice a second or more often, instead of once for each event
 * that it is noted with.
 */
export class Clock {
  /** When it was last read, as `performance.now` tells it. */
  lastMs = performance.now();
  /** When it will have been read again: no event that is noted with it seems to have been earlier than it was. */
  nextMs: number;
  readonly #everyMs: number;

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
    this.nextMs = this.lastMs + everyMs;
  }

  read(): number {
    this.lastMs = performance.now();
    this.nextMs = this.lastMs + this.#everyMs;
    return this.lastMs;
  }
}
