import { type WorkerCommand, WorkerProcess } from './worker-process.ts';

export interface GroupOptions {
  readonly name: string;
  /** Path of the module that a worker runs. */
  readonly script: string;
  readonly args?: readonly string[];
  /** Flags for node itself, before the script. */
  readonly nodeArgs?: readonly string[];
  readonly workers: number;
  /** `port: 0` takes any free port; see `Master.addresses`. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Two generations of workers must never run at the same time: a reload stops the old before it starts the new; connections wait meanwhile. */
  readonly exclusive?: boolean;
  /** Added to the environment of the master. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface WorkerReport {
  readonly group: string;
  readonly pid: number;
  readonly ready: boolean;
}

/** A worker that dies sooner than this after its start counts as a quick death. */
const quickDeathMs = 1_000;
const firstBackOffMs = 100;
const longestBackOffMs = 5_000;

/** The first quick death is replaced at once, each further one in a row after twice the time. */
const backOffMs = (quickDeaths: number): number =>
  quickDeaths < 2 ? 0 : Math.min(firstBackOffMs * 2 ** (quickDeaths - 2), longestBackOffMs);

/** Keeps the wanted number of workers of one kind alive on one socket. */
export class WorkerGroup {
  readonly #options: GroupOptions;
  readonly #command: WorkerCommand;
  readonly #log: (line: string) => void;
  readonly #gracefulTimeoutMs: number;
  readonly #workers = new Set<WorkerProcess>();
  readonly #pending = new Set<NodeJS.Timeout>();
  #quickDeaths = 0;
  #stopping = false;

  constructor(options: GroupOptions, fd: number, gracefulTimeoutMs: number, log: (line: string) => void) {
    this.#options = options;
    this.#gracefulTimeoutMs = gracefulTimeoutMs;
    this.#log = log;
    this.#command = {
      script: options.script,
      args: options.args ?? [],
      nodeArgs: options.nodeArgs ?? [],
      env: options.env ?? {},
      fd,
    };
  }

  start(): WorkerProcess[] {
    return Array.from({ length: this.#options.workers }, () => this.#spawn());
  }

  reports(): WorkerReport[] {
    return [...this.#workers].flatMap(({ pid, ready }) =>
      pid === undefined ? [] : [{ group: this.#options.name, pid, ready }],
    );
  }

  /** Starts new workers, waits until each is ready, then stops the old ones; an exclusive group the other way round. */
  async reload(readyTimeoutMs: number): Promise<void> {
    const old = [...this.#workers];
    if (this.#options.exclusive) await Promise.all(old.map((worker) => worker.stop(this.#gracefulTimeoutMs)));
    const fresh = this.start();
    const allReady = await this.#allReady(fresh, readyTimeoutMs);
    if (!allReady && this.#options.exclusive) {
      throw new Error(
        `expected ${fresh.length} new workers of ${this.#options.name} to be ready within ${readyTimeoutMs} ms, ` +
          'but not all were; those that died are started again and again, their log says why',
      );
    }
    if (!allReady) {
      await Promise.all(fresh.map((worker) => worker.stop(this.#gracefulTimeoutMs)));
      throw new Error(
        `expected ${fresh.length} new workers of ${this.#options.name} to be ready within ${readyTimeoutMs} ms, ` +
          'but not all were; the old workers serve on, read their log and reload again',
      );
    }
    await Promise.all(old.map((worker) => worker.stop(this.#gracefulTimeoutMs)));
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    for (const timer of this.#pending) clearTimeout(timer);
    this.#pending.clear();
    await Promise.all([...this.#workers].map((worker) => worker.stop(this.#gracefulTimeoutMs)));
  }

  async #allReady(workers: readonly WorkerProcess[], timeoutMs: number): Promise<boolean> {
    const timeout = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => timeout.resolve(false), timeoutMs);
    const all = Promise.all(workers.map((worker) => worker.becameReady)).then((each) => each.every(Boolean));
    const result = await Promise.race([all, timeout.promise]);
    clearTimeout(timer);
    return result;
  }

  #spawn(): WorkerProcess {
    const worker = new WorkerProcess(this.#command);
    this.#workers.add(worker);
    void worker.exited.then((reason) => this.#onExit(worker, reason));
    return worker;
  }

  #onExit(worker: WorkerProcess, reason: string): void {
    this.#workers.delete(worker);
    if (worker.retired || this.#stopping) return;
    this.#quickDeaths = performance.now() - worker.startedAtMs < quickDeathMs ? this.#quickDeaths + 1 : 0;
    const waitMs = backOffMs(this.#quickDeaths);
    const when = waitMs === 0 ? 'now' : `in ${waitMs} ms`;
    this.#log(`worker ${worker.pid ?? '(no pid)'} of ${this.#options.name} ${reason}; it is replaced ${when}`);
    if (waitMs === 0) {
      this.#spawn();
      return;
    }
    const timer = setTimeout(() => {
      this.#pending.delete(timer);
      this.#spawn();
    }, waitMs);
    this.#pending.add(timer);
  }
}
