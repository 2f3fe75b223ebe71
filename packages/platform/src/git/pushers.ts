import { randomUUID } from 'node:crypto';

/** Why a push is given up: nobody waits for its answer any more. */
export class PusherGone extends Error {
  override readonly name = 'PusherGone';

  constructor() {
    super('The pusher went away.');
  }
}

/** Those who wait for the answer of a push now; an id goes from `serveGit` through git and its hook to `ReceiveService`. */
export class Pushers {
  readonly #waiting = new Map<string, AbortController>();
  readonly #stopping: AbortSignal;

  /** From `stopping` on, connections end because Ravine does, not because pushers leave. */
  constructor(stopping: AbortSignal) {
    this.#stopping = stopping;
  }

  arrive(): { readonly id: string; leave(): void } {
    const id = randomUUID();
    const gone = new AbortController();
    this.#waiting.set(id, gone);
    return {
      id,
      leave: () => {
        this.#waiting.delete(id);
        if (!this.#stopping.aborted) gone.abort(new PusherGone());
      },
    };
  }

  /** Aborts with {@link PusherGone}: at once for somebody unknown, whose connection ended with an earlier process. */
  gone(id: string): AbortSignal {
    return this.#waiting.get(id)?.signal ?? AbortSignal.abort(new PusherGone());
  }
}
