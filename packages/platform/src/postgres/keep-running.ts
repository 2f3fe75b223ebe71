import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster } from './cluster.ts';

/**
 * What a keeper knows of its cluster.
 * - `starting`: on the way up, or recovering after a crash; entered first, and when a server has ended
 * - `running`: takes logins; left when its process ends
 * - `down`: the last start failed; left at `retryAtMs` (Unix time)
 * - `closed`: nobody watches it any more; the server may run on
 */
export type KeptState =
  | { readonly kind: 'starting' }
  | { readonly kind: 'running'; readonly pid: number }
  | { readonly kind: 'down'; readonly reason: string; readonly retryAtMs: number }
  | { readonly kind: 'closed' };

/** Delay before each further start within {@link steadyMs}; the last one repeats. */
const startDelaysMs = [0, 0, 100, 500, 2_000, 10_000, 30_000];
const steadyMs = 60_000;
const lookEveryMs = 250;
const boundLogEveryMs = 60_000;

/** Watches a cluster from now on and starts it whenever it doesn't run: at once, then with growing delays. */
export const keepRunning = (cluster: Cluster): ClusterKeeper => new ClusterKeeper(cluster);

export class ClusterKeeper implements AsyncDisposable {
  readonly #cluster: Cluster;
  readonly #closing = new AbortController();
  readonly #events = new EventEmitter();
  readonly #ended: Promise<void>;
  #state: KeptState = { kind: 'starting' };

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
    this.#ended = this.#loop();
  }

  get state(): KeptState {
    return this.#state;
  }

  /** Calls back after each change of state. Returns the way to stop. */
  onChange(listener: (state: KeptState) => void): () => void {
    this.#events.on('state', listener);
    return () => this.#events.off('state', listener);
  }

  /** Looks now: to be called by whoever sees a sign that the server has gone. */
  nudge(): void {
    this.#events.emit('nudge');
  }

  /** Waits until the server runs. @throws the reason when it is down or nobody watches it any more. */
  async running(signal?: AbortSignal): Promise<number> {
    while (this.#state.kind === 'starting') await once(this.#events, 'state', signal && { signal });
    if (this.#state.kind === 'running') return this.#state.pid;
    throw new Error(this.#state.kind === 'down' ? this.#state.reason : 'The cluster is not watched any more.');
  }

  /** Ends the watch; the server runs on. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#ended;
    this.#become({ kind: 'closed' });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #loop(): Promise<void> {
    const { signal } = this.#closing;
    const stopListening = this.#cluster.onExit(() => this.nudge());
    let starts = 0;
    while (!signal.aborted) {
      const delayMs = startDelaysMs[Math.min(starts, startDelaysMs.length - 1)] ?? 0;
      starts++;
      try {
        if (this.#state.kind !== 'down' && delayMs > 0) await sleep(delayMs, undefined, { signal });
        const pid = await this.#cluster.start(signal);
        this.#become({ kind: 'running', pid });
        if ((await this.#watch(pid, signal)) >= steadyMs) starts = 0;
        if (!signal.aborted) this.#become({ kind: 'starting' });
      } catch (error) {
        if (signal.aborted) break;
        const waitMs = Math.max(delayMs, 100);
        const reason = error instanceof Error ? error.message : String(error);
        this.#become({ kind: 'down', reason, retryAtMs: Date.now() + waitMs });
        await this.#pause(waitMs, signal);
      }
    }
    stopListening();
  }

  /** Returns how long the server ran, in milliseconds, once it has ended or the watch is closed. */
  async #watch(pid: number, signal: AbortSignal): Promise<number> {
    const from = performance.now();
    let boundAt = from;
    while (!signal.aborted && (await this.#cluster.isServer(pid))) {
      await this.#pause(lookEveryMs, signal);
      if (performance.now() - boundAt < boundLogEveryMs) continue;
      boundAt = performance.now();
      await this.#cluster.boundLog();
    }
    return performance.now() - from;
  }

  /** Sleeps until a nudge, the close or the time is up. */
  async #pause(ms: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    const wake = () => woken.abort();
    this.#events.once('nudge', wake);
    signal.addEventListener('abort', wake);
    await sleep(ms, undefined, { signal: woken.signal }).catch(() => {});
    this.#events.off('nudge', wake);
    signal.removeEventListener('abort', wake);
  }

  #become(state: KeptState): void {
    this.#state = state;
    this.#events.emit('state', state);
  }
}
