import type { FromWorker } from '../messages.ts';
import type { MasterHookName } from '../settings/hooks.ts';
import type { Level } from '../settings/kinds.ts';
import type { Settings } from '../settings/read-settings.ts';
import type { Statsd } from '../statsd.ts';
import { inWords, type StuckReport } from '../worker/stuck-report.ts';
import type { GroupEvents, WorkerGroup } from '../worker-group.ts';
import type { WorkerProcess } from '../worker-process.ts';
import { WorkerWatch } from '../worker-watch.ts';

/** What looking after workers needs of the master. */
interface CareOf {
  readonly settings: () => Settings;
  readonly group: () => WorkerGroup;
  readonly write: (level: Level, text: string) => void;
  /** A worker has loaded this file. */
  readonly loaded: (path: string) => void;
  readonly hook: (name: MasterHookName, ...args: unknown[]) => void;
}

const lookEveryMs = 1_000;
const bytesPerMegabyte = 1024 * 1024;

/** What the log says instead of a bare signal. */
const hints: Readonly<Record<string, string>> = {
  'killed by SIGKILL': 'killed by SIGKILL, by someone or for want of memory',
};

/** Hears what workers say and how they end; replaces those that are stuck, too large or have served their number of requests. */
export class WorkerCare {
  readonly events: GroupEvents;
  readonly #of: CareOf;
  readonly #watch: WorkerWatch;
  readonly #timer: NodeJS.Timeout;
  readonly #announced = new WeakSet<WorkerProcess>();
  /** Requests of workers that are gone. */
  #requestsBefore = 0;
  #starts = 0;
  #statsd: Promise<Statsd> | undefined;

  constructor(of: CareOf) {
    this.#of = of;
    this.#watch = new WorkerWatch(
      (worker, report) => this.#abort(worker, report),
      (worker) => worker.kill(`was killed because it was not ready within ${of.settings().bootTimeout} s`),
    );
    this.events = {
      log: (line) =>
        of.write(
          'warning',
          line.replace(/killed by SIGKILL(?=;)/, (found) => hints[found] ?? found),
        ),
      spawning: () => of.hook('preFork'),
      spawned: (worker) => {
        this.#starts++;
        this.#watch.add(worker);
        of.write('debug', `started worker ${worker.pid}`);
        if (worker.pid !== undefined) of.hook('postFork', worker.pid);
      },
      message: (worker, message) => this.#hear(worker, message),
      exited: (worker, reason) => {
        this.#requestsBefore += this.#watch.stateOf(worker).requests;
        this.#watch.remove(worker);
        if (worker.retired) of.write('info', `worker ${worker.pid} ${reason}`);
        if (worker.pid !== undefined) of.hook('childExit', worker.pid, reason);
      },
    };
    this.#timer = setInterval(() => this.#look(), lookEveryMs);
  }

  /** One row for each worker. */
  workers(): readonly Readonly<Record<string, number | string | boolean>>[] {
    return this.#of.group().workers.map((worker) => {
      const { requests, active, rssBytes } = this.#watch.stateOf(worker);
      return {
        pid: worker.pid ?? 0,
        state: worker.retired ? 'stopping' : worker.ready ? 'ready' : 'starting',
        uptimeSeconds: Math.round((performance.now() - worker.startedAtMs) / 1_000),
        requests,
        active,
        memoryMegabytes: Math.round(rssBytes / bytesPerMegabyte),
      };
    });
  }

  stats(): Readonly<Record<string, number>> {
    const states = this.#of.group().workers.map((worker) => this.#watch.stateOf(worker));
    return {
      workers: states.length,
      wanted: this.#of.group().wanted,
      starts: this.#starts,
      requests: this.#requestsBefore + states.reduce((sum, { requests }) => sum + requests, 0),
      active: states.reduce((sum, { active }) => sum + active, 0),
      memoryMegabytes: Math.round(states.reduce((sum, { rssBytes }) => sum + rssBytes, 0) / bytesPerMegabyte),
      masterMemoryMegabytes: Math.round(process.memoryUsage.rss() / bytesPerMegabyte),
    };
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await (await this.#statsd)?.close();
  }

  #look(): void {
    const { timeout, bootTimeout, statsdHost, statsdPrefix } = this.#of.settings();
    this.#watch.look(timeout * 1_000, bootTimeout * 1_000);
    if (statsdHost === undefined) return;
    this.#statsd ??= import('../statsd.ts').then(({ openStatsd }) => openStatsd(statsdHost, statsdPrefix));
    void this.#statsd.then((statsd) => statsd.gauge('workers', this.#of.group().workers.length));
  }

  #hear(worker: WorkerProcess, message: FromWorker): void {
    if (message === 'ready') {
      this.#watch.hear(worker);
      this.#of.write('debug', `worker ${worker.pid} is ready`);
      return;
    }
    if (message.prefork === 'log') this.#of.write(message.level, message.text);
    else if (message.prefork === 'loaded') this.#of.loaded(message.path);
    else if (message.prefork === 'replace') this.#replace(worker, message.reason);
    else if (message.prefork === 'beat') {
      this.#watch.hear(worker, message);
      const { maxMemory } = this.#of.settings();
      const used = Math.round(message.rssBytes / bytesPerMegabyte);
      if (maxMemory > 0 && used > maxMemory) this.#replace(worker, `uses ${used} MB of ${maxMemory} MB`);
    }
  }

  #replace(worker: WorkerProcess, reason: string): void {
    if (worker.retired) return;
    if (!this.#announced.has(worker)) this.#of.write('info', `worker ${worker.pid} ${reason}; it is replaced`);
    this.#announced.add(worker);
    void this.#of.group().replace(worker, this.#of.settings().bootTimeout * 1_000);
  }

  #abort(worker: WorkerProcess, report: StuckReport | undefined): void {
    this.#watch.remove(worker);
    const { where, callers } = inWords(report, this.#of.settings().timeout * 1_000);
    const from = callers.map((frame) => `\n    from ${frame}`).join('');
    this.#of.write('error', `worker ${worker.pid} has stood still ${where}${from}`);
    if (worker.pid !== undefined) this.#of.hook('workerAbort', worker.pid, report?.stack ?? []);
    worker.kill(`was killed because it stood still ${where}`);
  }
}
