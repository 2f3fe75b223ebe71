import { availableParallelism } from 'node:os';
import type { FromWorker } from './messages.ts';
import { type WorkerCommand, WorkerProcess } from './worker-process.ts';

/** What a group runs; a reload may bring another one. */
export interface GroupPlan {
  readonly name: string;
  readonly workers: number;
  /** Two generations never run at the same time: a reload stops the old before it starts the new. */
  readonly exclusive: boolean;
  /** From SIGTERM to SIGKILL. */
  readonly gracefulTimeoutMs: number;
  /** How many workers of a reload are started at once, so that those that serve keep their share of the machine. */
  readonly startsAtOnce: number;
  readonly command: WorkerCommand;
}

/** What the owner of a group hears; all optional but the log. */
export interface GroupEvents {
  readonly log: (line: string) => void;
  readonly spawning?: () => void;
  readonly spawned?: (worker: WorkerProcess) => void;
  readonly message?: (worker: WorkerProcess, message: FromWorker) => void;
  readonly exited?: (worker: WorkerProcess, reason: string) => void;
}

/** Half of the cores, so that a reload leaves the other half to those who serve. */
export const startsAtOnce = (cores = availableParallelism()): number => Math.max(1, Math.floor(cores / 2));

/** A worker that dies sooner than this after its start, or before it is ready, counts as a quick death. */
const quickDeathMs = 1_000;
const firstBackOffMs = 100;
const longestBackOffMs = 5_000;

/** The first quick death is replaced at once, each further one in a row after twice the time. */
const backOffMs = (quickDeaths: number): number =>
  quickDeaths < 2 ? 0 : Math.min(firstBackOffMs * 2 ** (quickDeaths - 2), longestBackOffMs);

/** Keeps the wanted number of workers of one kind alive. */
export class WorkerGroup {
  #plan: GroupPlan;
  #wanted: number;
  readonly #events: GroupEvents;
  readonly #workers = new Set<WorkerProcess>();
  /** Workers of a reload that are not ready yet: nobody replaces them when they die. */
  readonly #onTrial = new Set<WorkerProcess>();
  readonly #replacing = new Set<WorkerProcess>();
  readonly #pending = new Set<NodeJS.Timeout>();
  #quickDeaths = 0;
  #stopping = false;

  constructor(plan: GroupPlan, events: GroupEvents) {
    this.#plan = plan;
    this.#wanted = plan.workers;
    this.#events = events;
  }

  get workers(): readonly WorkerProcess[] {
    return [...this.#workers];
  }

  /** How many workers there shall be. */
  get wanted(): number {
    return this.#wanted;
  }

  start(): WorkerProcess[] {
    return Array.from({ length: this.#wanted }, () => this.#spawn(this.#plan));
  }

  /**
   * As `start`, for a first start that is worth nothing when a worker fails.
   * @returns undefined when all are ready, else which failed and how; a failed one is not started again.
   */
  async startTogether(readyTimeoutMs: number): Promise<string | undefined> {
    const workers = Array.from({ length: this.#wanted }, () => this.#spawn(this.#plan, true));
    const problem = await this.#waitUntilReady(workers, readyTimeoutMs);
    for (const worker of workers) this.#onTrial.delete(worker);
    if (problem === undefined) void this.resize(this.#wanted);
    return problem;
  }

  /** Starts what is missing, or stops the oldest of what is too many. */
  async resize(workers: number): Promise<void> {
    this.#wanted = workers;
    if (this.#stopping) return;
    const serving = [...this.#workers].filter((worker) => !worker.retired);
    const missing = workers - serving.length - this.#pending.size;
    for (let count = 0; count < missing; count++) this.#spawn(this.#plan);
    const tooMany = serving.slice(0, Math.max(0, -missing));
    await Promise.all(tooMany.map((worker) => worker.stop(this.#plan.gracefulTimeoutMs)));
  }

  /**
   * Starts new workers, some at a time, waits until each is ready, then stops the old ones; an exclusive group the other
   * way round.
   * @returns a promise of its own for the end of the old ones.
   * @throws Error when a new worker does not become ready; unless the group is exclusive, the old ones then serve on.
   */
  async reload(readyTimeoutMs: number, plan: GroupPlan = this.#plan): Promise<{ readonly oldGone: Promise<unknown> }> {
    const before = this.#plan;
    const wantedBefore = this.#wanted;
    if (plan !== before) this.#wanted = plan.workers;
    const stopOthers = (fresh: readonly WorkerProcess[]): Promise<unknown> => {
      // Replacements of old ones that died meanwhile belong to the old ones.
      this.#forgetPending();
      const others = [...this.#workers].filter((worker) => !fresh.includes(worker));
      return Promise.all(others.map((worker) => worker.stop(before.gracefulTimeoutMs)));
    };
    if (plan.exclusive) {
      await stopOthers([]);
      this.#plan = plan;
    }
    const { fresh, problem } = await this.#startInTurns(plan, readyTimeoutMs);
    for (const worker of fresh) this.#onTrial.delete(worker);
    if (problem === undefined) {
      this.#plan = plan;
      const oldGone = plan.exclusive ? Promise.resolve() : stopOthers(fresh);
      // One may have died after it was ready, before the others were.
      void this.resize(this.#wanted);
      return { oldGone };
    }
    const expectation = `expected ${this.#wanted} new workers of ${plan.name} to be ready within ${readyTimeoutMs} ms, but ${problem}`;
    if (plan.exclusive) {
      throw new Error(`${expectation}; those that died are started again and again, their log says why`);
    }
    this.#wanted = wantedBefore;
    await Promise.all(fresh.map((worker) => worker.stop(before.gracefulTimeoutMs)));
    throw new Error(`${expectation}; the old workers serve on, read the log and reload again`);
  }

  async #startInTurns(
    plan: GroupPlan,
    readyTimeoutMs: number,
  ): Promise<{ readonly fresh: readonly WorkerProcess[]; readonly problem: string | undefined }> {
    const fresh: WorkerProcess[] = [];
    while (fresh.length < this.#wanted && !this.#stopping) {
      const length = Math.min(plan.startsAtOnce, this.#wanted - fresh.length);
      const turn = Array.from({ length }, () => this.#spawn(plan, !plan.exclusive));
      fresh.push(...turn);
      const problem = await this.#waitUntilReady(turn, readyTimeoutMs);
      if (problem !== undefined) return { fresh, problem };
    }
    return { fresh, problem: undefined };
  }

  /** Starts a worker in the place of this one and stops this one once the other is ready; does nothing when that is under way. */
  async replace(worker: WorkerProcess, readyTimeoutMs: number): Promise<void> {
    if (worker.retired || this.#replacing.has(worker) || this.#stopping) return;
    this.#replacing.add(worker);
    const fresh = this.#spawn(this.#plan, true);
    const problem = await this.#waitUntilReady([fresh], readyTimeoutMs);
    this.#onTrial.delete(fresh);
    this.#replacing.delete(worker);
    if (problem !== undefined) {
      this.#events.log(`no replacement for worker ${worker.pid} of ${this.#plan.name}: ${problem}; it serves on`);
      await fresh.stop(0);
      return;
    }
    await worker.stop(this.#plan.gracefulTimeoutMs);
  }

  async stop(): Promise<void> {
    this.#prepareToStop();
    await Promise.all([...this.#workers].map((worker) => worker.stop(this.#plan.gracefulTimeoutMs)));
  }

  /** Ends all workers without waiting for requests in flight. */
  async quit(): Promise<void> {
    this.#prepareToStop();
    await Promise.all([...this.#workers].map((worker) => worker.quit()));
  }

  #prepareToStop(): void {
    this.#stopping = true;
    this.#forgetPending();
  }

  #forgetPending(): void {
    for (const timer of this.#pending) clearTimeout(timer);
    this.#pending.clear();
  }

  /** Undefined when all are ready, else what went wrong. */
  async #waitUntilReady(workers: readonly WorkerProcess[], timeoutMs: number): Promise<string | undefined> {
    const timeout = Promise.withResolvers<string>();
    const timer = setTimeout(() => timeout.resolve('not all were'), timeoutMs);
    const died = workers.map(async (worker) => {
      if (await worker.becameReady) return undefined;
      return `worker ${worker.pid ?? '(no pid)'} ${await worker.exited}`;
    });
    const firstProblem = Promise.race([
      Promise.all(died).then((each) => each.find((problem) => problem !== undefined)),
      // One that died decides at once; the others need not be waited for.
      ...died.map(async (each) => (await each) ?? timeout.promise),
    ]);
    const result = await Promise.race([firstProblem, timeout.promise]);
    clearTimeout(timer);
    return result;
  }

  #spawn(plan: GroupPlan, onTrial = false): WorkerProcess {
    this.#events.spawning?.();
    const worker = new WorkerProcess(plan.command, (message) => this.#events.message?.(worker, message));
    this.#workers.add(worker);
    if (onTrial) this.#onTrial.add(worker);
    // A worker that comes up while all are being stopped must not be left behind.
    if (this.#stopping) void worker.quit();
    this.#events.spawned?.(worker);
    void worker.exited.then((reason) => this.#onExit(worker, reason));
    return worker;
  }

  #onExit(worker: WorkerProcess, reason: string): void {
    this.#workers.delete(worker);
    this.#events.exited?.(worker, reason);
    if (worker.retired || this.#stopping || this.#onTrial.has(worker)) return;
    const isQuick = !worker.ready || performance.now() - worker.startedAtMs < quickDeathMs;
    this.#quickDeaths = isQuick ? this.#quickDeaths + 1 : 0;
    const waitMs = backOffMs(this.#quickDeaths);
    const when = waitMs === 0 ? 'now' : `in ${waitMs} ms`;
    this.#events.log(`worker ${worker.pid ?? '(no pid)'} of ${this.#plan.name} ${reason}; it is replaced ${when}`);
    if (waitMs === 0) {
      this.#spawn(this.#plan);
      return;
    }
    const timer = setTimeout(() => {
      this.#pending.delete(timer);
      this.#spawn(this.#plan);
    }, waitMs);
    this.#pending.add(timer);
  }
}
