/** What a bucket said: whether there was a token, how many are left, and how long until the next. */
export interface Take {
  readonly granted: boolean;
  readonly remaining: number;
  readonly retryAfterSeconds: number;
}

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

const pruneAbove = 10_000;

/** One token bucket per key; full buckets are forgotten, so memory is bounded by those active within one refill. */
export class TokenBuckets {
  readonly #capacity: number;
  readonly #perMs: number;
  readonly #now: () => Date;
  readonly #buckets = new Map<string, Bucket>();

  constructor(capacity: number, perHour: number, now: () => Date) {
    this.#capacity = capacity;
    this.#perMs = perHour / 3_600_000;
    this.#now = now;
  }

  take(key: string): Take {
    const bucket = this.#filled(key);
    const granted = bucket.tokens >= 1;
    if (granted) bucket.tokens -= 1;
    return this.#state(granted, bucket);
  }

  /** Looks without taking. */
  peek(key: string): Take {
    const bucket = this.#filled(key);
    return this.#state(bucket.tokens >= 1, bucket);
  }

  /** Undoes a take. */
  giveBack(key: string): void {
    const bucket = this.#filled(key);
    bucket.tokens = Math.min(this.#capacity, bucket.tokens + 1);
  }

  #state(granted: boolean, bucket: Bucket): Take {
    return {
      granted,
      remaining: Math.floor(bucket.tokens),
      retryAfterSeconds: bucket.tokens >= 1 ? 0 : Math.max(1, Math.ceil((1 - bucket.tokens) / this.#perMs / 1000)),
    };
  }

  #filled(key: string): Bucket {
    const nowMs = this.#now().getTime();
    const bucket = this.#buckets.get(key) ?? { tokens: this.#capacity, filledAtMs: nowMs };
    bucket.tokens = Math.min(this.#capacity, bucket.tokens + Math.max(0, nowMs - bucket.filledAtMs) * this.#perMs);
    bucket.filledAtMs = nowMs;
    if (!this.#buckets.has(key) && this.#buckets.size >= pruneAbove) this.#prune(nowMs);
    this.#buckets.set(key, bucket);
    return bucket;
  }

  #prune(nowMs: number): void {
    for (const [key, bucket] of this.#buckets) {
      if (bucket.tokens + (nowMs - bucket.filledAtMs) * this.#perMs >= this.#capacity) this.#buckets.delete(key);
    }
  }
}
