import { createInterface } from 'node:readline';
import type { Beat } from './messages.ts';
import { isStuckReport, type StuckReport } from './worker/stuck-report.ts';
import type { WorkerProcess } from './worker-process.ts';

/** The watching thread of a worker, if it has one, speaks first, and beats may be late: the master acts this much later. */
const threadGraceMs = 5_000;

/** Between two looks, which are a second apart, when the machine was asleep. */
const suspendedMs = 3_000;

interface Watched {
  heardAtMs: number;
  /** It is ready: until then, silence is no fault. */
  begun: boolean;
  beat?: Beat;
}

/** What is known of a worker at its last beat. */
export interface WorkerState {
  readonly requests: number;
  readonly active: number;
  readonly rssBytes: number;
}

/** Listens to the hearts of workers; a worker that does not beat for `timeoutMs` is handed to `onStuck`. */
export class WorkerWatch {
  readonly #watched = new Map<WorkerProcess, Watched>();
  readonly #onStuck: (worker: WorkerProcess, report: StuckReport | undefined) => void;
  readonly #onSlowBoot: (worker: WorkerProcess) => void;
  #lastLookMs = performance.now();

  constructor(
    onStuck: (worker: WorkerProcess, report: StuckReport | undefined) => void,
    onSlowBoot: (worker: WorkerProcess) => void,
  ) {
    this.#onStuck = onStuck;
    this.#onSlowBoot = onSlowBoot;
  }

  add(worker: WorkerProcess): void {
    this.#watched.set(worker, { heardAtMs: performance.now(), begun: false });
    if (worker.watch === undefined) return;
    const lines = createInterface({ input: worker.watch });
    lines.on('line', (line) => {
      const report: unknown = JSON.parse(line);
      if (isStuckReport(report) && this.#watched.has(worker)) this.#onStuck(worker, report);
    });
    lines.on('error', () => undefined);
  }

  remove(worker: WorkerProcess): void {
    this.#watched.delete(worker);
  }

  /** It is ready, or says that it is alive. */
  hear(worker: WorkerProcess, beat?: Beat): void {
    const watched = this.#watched.get(worker);
    if (watched === undefined) return;
    watched.heardAtMs = performance.now();
    watched.begun = true;
    if (beat !== undefined) watched.beat = beat;
  }

  stateOf(worker: WorkerProcess): WorkerState {
    const { requests = 0, active = 0, rssBytes = 0 } = this.#watched.get(worker)?.beat ?? {};
    return { requests, active, rssBytes };
  }

  /**
   * To be called about once a second.
   * @param bootTimeoutMs a worker that is not ready in this time is handed to `onSlowBoot`.
   */
  look(timeoutMs: number, bootTimeoutMs: number): void {
    const now = performance.now();
    const sinceLastLookMs = now - this.#lastLookMs;
    this.#lastLookMs = now;
    for (const [worker, watched] of this.#watched) {
      // This process itself stood still, say in a sleeping machine: then silence proves nothing.
      if (sinceLastLookMs > suspendedMs) watched.heardAtMs = now;
      else if (!watched.begun && now - worker.startedAtMs > bootTimeoutMs) this.#onSlowBoot(worker);
      else if (watched.begun && timeoutMs > 0 && now - watched.heardAtMs > timeoutMs + threadGraceMs)
        this.#onStuck(worker, undefined);
    }
  }
}
