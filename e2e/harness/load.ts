import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import {
  type FailedVisit,
  type FromLoadClient,
  type LoadCounts,
  type LoadOptions,
  type LoadOutcome,
  nowMs,
  type Target,
  type ToLoadClient,
} from './load-messages.ts';

export interface LoadReport extends LoadOutcome {
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** What the test was at, in order. */
  readonly phases: readonly { readonly name: string; readonly fromMs: number }[];
}

const defaultPerSecond = Number(process.env.RAVINE_LOAD_RATE ?? 200);
const mostSecondsInFlight = 2;

/**
 * Visits one page at a constant rate whatever the answers are (an open loop), over connections that are kept alive, in
 * a process of its own. An answer other than 200 is a failure, and so is one that is cut short.
 */
export class Load implements AsyncDisposable {
  readonly perSecond: number;
  readonly #client: ChildProcess;
  readonly #outcome = Promise.withResolvers<LoadOutcome>();
  readonly #phases: { name: string; fromMs: number }[] = [];
  readonly #waiting = new Set<() => void>();
  #polled: ((atMs: number) => void) | undefined;
  #counts: LoadCounts = { sent: 0, answered: 0, failed: 0 };
  #report: Promise<LoadReport> | undefined;

  constructor({ port, host, path = '/' }: Target, options: LoadOptions = {}) {
    const { perSecond = defaultPerSecond, timeoutMs = 40_000 } = options;
    const { maxInFlight = Math.max(2000, perSecond * mostSecondsInFlight) } = options;
    this.perSecond = perSecond;
    const args = [port, perSecond, maxInFlight, timeoutMs, host, path].map(String);
    this.#client = fork(join(import.meta.dirname, 'load-client.ts'), args, {
      serialization: 'advanced',
      execArgv: [],
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#client.on('message', (message) => this.#receive(message as FromLoadClient)); // sent by our own script
    this.#client.on('exit', () => this.#outcome.reject(new Error('the load client ended before its time')));
    this.#outcome.promise.catch(() => this.#wake());
  }

  /** Names what happens from now on, for the report of failures. */
  phase(name: string): void {
    this.#phases.push({ name, fromMs: nowMs() });
  }

  /** Resolves when `count` further visits have been answered with 200. */
  async answers(count: number): Promise<void> {
    const wanted = this.#counts.answered + count;
    await this.#until(({ answered }) => answered >= wanted);
  }

  /** Goes on until it has lasted this long in all. */
  async lasts(seconds: number): Promise<void> {
    await this.#until(({ sent }) => sent >= seconds * this.perSecond);
  }

  /** Resolves when the client knows of its connections what the kernel knows by now, with the time. */
  polled(): Promise<number> {
    return new Promise((resolve) => {
      this.#polled = resolve;
      this.#tell('poll');
    });
  }

  /** Sends nothing more and waits for the answers that are under way. */
  stop(): Promise<LoadReport> {
    this.#report ??= this.#stop();
    return this.#report;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #stop(): Promise<LoadReport> {
    this.#tell('stop');
    const outcome = await this.#outcome.promise;
    const took = Float64Array.from({ length: outcome.spans.length / 2 }, (_, n) => {
      const [from = 0, to = 0] = outcome.spans.subarray(2 * n, 2 * n + 2);
      return to - from;
    }).sort();
    const at = (part: number): number => took[Math.min(took.length - 1, Math.floor(took.length * part))] ?? 0;
    return { ...outcome, p50Ms: at(0.5), p99Ms: at(0.99), phases: this.#phases };
  }

  #tell(message: ToLoadClient): void {
    if (this.#client.connected) this.#client.send(message);
  }

  #receive(message: FromLoadClient): void {
    if (message.type === 'counts') this.#counts = message.counts;
    else if (message.type === 'outcome') this.#outcome.resolve(message.outcome);
    else this.#polled?.(message.atMs);
    this.#wake();
  }

  async #until(holds: (counts: LoadCounts) => boolean): Promise<void> {
    while (!holds(this.#counts)) {
      if (!this.#client.connected) await this.#outcome.promise;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }
}

/** From here to there, in the clock of {@link nowMs}. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Whether a visit was under way at any time of a span. */
export const wasUnderWay = ({ startedAtMs, endedAtMs }: FailedVisit, { fromMs, toMs }: Span): boolean =>
  startedAtMs <= toMs && endedAtMs >= fromMs;

/** How many visits were under way at any time of a span. */
export const countUnderWay = ({ spans }: LoadReport, { fromMs, toMs }: Span): number => {
  let count = 0;
  for (let at = 0; at < spans.length; at += 2) {
    if ((spans[at] ?? 0) <= toMs && (spans[at + 1] ?? 0) >= fromMs) count += 1;
  }
  return count;
};

const mostListed = 5;

/** The failures of a report in words, for an assertion's message: each kind with its number and the first few, with their phases. */
export const describeFailures = ({ sent, failures, phases, latestMs }: LoadReport): string => {
  const what = ({ status, code, error }: FailedVisit): string =>
    [status ?? 'no answer', code, error].filter((part) => part !== undefined).join(' ');
  const when = ({ startedAtMs, endedAtMs, before }: FailedVisit): string => {
    const phase = phases.findLast(({ fromMs }) => fromMs <= startedAtMs) ?? { name: 'the start', fromMs: startedAtMs };
    const into = `${phase.name} + ${(startedAtMs - phase.fromMs).toFixed(0)} ms`;
    return `  ${into}, took ${(endedAtMs - startedAtMs).toFixed(1)} ms, request ${before + 1} of its connection`;
  };
  const kinds = [...Map.groupBy(failures, what)];
  return [
    `${failures.length} of ${sent} visits failed (the client was at most ${latestMs.toFixed(0)} ms late)`,
    ...kinds.flatMap(([kind, visits]) => [`${visits.length} x ${kind}`, ...visits.slice(0, mostListed).map(when)]),
  ].join('\n');
};
