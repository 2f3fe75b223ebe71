import { setTimeout as sleep } from 'node:timers/promises';

export interface CalmOptions {
  /** For how long nobody must have waited. */
  readonly quietMs: number;
  /** What is put off begins after this time in any case. */
  readonly mostMs: number;
}

/** Puts off what nobody waits for while there is something that somebody waits for, or was a moment ago. */
export class Calm {
  readonly #options: CalmOptions;
  #awaited = 0;
  #lastAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: CalmOptions) {
    this.#options = options;
  }

  /** Does what somebody waits for. */
  async disturb<T>(work: () => Promise<T>): Promise<T> {
    this.#awaited += 1;
    try {
      return await work();
    } finally {
      this.#awaited -= 1;
      this.#lastAtMs = performance.now();
    }
  }

  /** Resolves when it is calm, or has been awaited for long enough. @throws AbortError */
  async comes(signal: AbortSignal): Promise<void> {
    const { quietMs, mostMs } = this.#options;
    const untilMs = performance.now() + mostMs;
    for (;;) {
      const now = performance.now();
      const calmAtMs = this.#awaited > 0 ? now + quietMs : this.#lastAtMs + quietMs;
      const waitMs = Math.min(calmAtMs, untilMs) - now;
      if (waitMs <= 0) return;
      await sleep(waitMs, undefined, { signal, ref: false });
    }
  }
}
