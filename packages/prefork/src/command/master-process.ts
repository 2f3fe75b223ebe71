import type { ChildProcess } from 'node:child_process';
import type { CommandLine } from '../settings/command-line.ts';
import type { MasterHookName, MasterView } from '../settings/hooks.ts';
import { WorkerGroup } from '../worker-group.ts';
import type { FileWatch } from './file-watch.ts';
import type { Log } from './log.ts';
import type { PidFile } from './pid-file.ts';
import { planWorkers } from './plan.ts';
import { type Command, readCommand } from './read-command.ts';
import type { PassedSocket, Sockets } from './sockets.ts';
import { type Handover, spawnSuccessor } from './successor.ts';
import type { Notifier } from './systemd.ts';
import { WorkerCare } from './worker-care.ts';

/** What a master is made of; the one who opened them closes none, {@link MasterProcess} does. */
export interface MasterParts {
  readonly line: CommandLine;
  readonly command: Command;
  readonly log: Log;
  readonly sockets: Sockets;
  /** What systemd passed. */
  readonly activated: readonly PassedSocket[];
  /** From the master that started this one in its place. */
  readonly handover: Handover | undefined;
  readonly notifier: Notifier;
  readonly pidFile: PidFile | undefined;
  readonly startFolder: string;
}

/** Exit status when the app can't be started, as Gunicorn's. */
const bootFailedStatus = 3;

const socketModeOf = (umask: number | undefined): number => 0o777 & ~(umask ?? process.umask());

/** Joins paths, sockets and workers of one `prefork` command; every signal and every control command is one method. */
export class MasterProcess implements MasterView {
  readonly pid = process.pid;
  /** Resolves with the exit status once everything is closed. */
  readonly ended: Promise<number>;
  readonly care: WorkerCare;
  readonly #parts: MasterParts;
  readonly #group: WorkerGroup;
  readonly #end = Promise.withResolvers<number>();
  #command: Command;
  #queue: Promise<unknown> = Promise.resolve();
  #stopping: Promise<void> | undefined;
  #successor: ChildProcess | undefined;
  #parentLives: boolean;
  #files: Promise<FileWatch> | undefined;

  /**
   * Binds the sockets.
   * @throws Error when one can't be bound, or the hook `onStarting` fails.
   */
  static async open(parts: MasterParts): Promise<MasterProcess> {
    const { command, log, sockets } = parts;
    await command.hooks.onStarting?.({ pid: process.pid, workers: () => [], log: (...line) => log.write(...line) });
    await sockets.change(command.binds, socketModeOf(command.settings.umask));
    return new MasterProcess(parts);
  }

  private constructor(parts: MasterParts) {
    this.#parts = parts;
    this.#command = parts.command;
    this.#parentLives = parts.handover !== undefined;
    this.ended = this.#end.promise;
    this.care = new WorkerCare({
      settings: () => this.#command.settings,
      group: () => this.#group,
      write: (level, text) => this.log(level, text),
      loaded: (path) => void this.#watchFile(path),
      hook: (name, ...args) => void this.hook(name, ...args),
    });
    this.#group = new WorkerGroup(this.#plan(parts.command), this.care.events);
    if (parts.handover !== undefined) process.once('disconnect', () => this.#inherit());
  }

  get command(): Command {
    return this.#command;
  }

  get wanted(): number {
    return this.#group.wanted;
  }

  log(level: Parameters<Log['write']>[0], text: string): void {
    this.#parts.log.write(level, text);
  }

  workers(): readonly number[] {
    return this.#group.workers.flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  }

  addresses(): readonly string[] {
    return this.#parts.sockets.names(this.#command.settings.certfile === undefined ? 'http' : 'https');
  }

  /** There is a master before or after this one, on the same sockets. */
  get isOneOfTwo(): boolean {
    return this.#successor !== undefined || this.#parentLives;
  }

  /** Starts the workers; when one fails, everything ends. */
  async start(): Promise<void> {
    const { notifier, handover } = this.#parts;
    const problem = await this.#group.startTogether(this.#command.settings.bootTimeout * 1_000);
    if (this.#stopping !== undefined) return;
    if (problem !== undefined) {
      this.log('error', `the app could not be started: ${problem}`);
      await this.quit(bootFailedStatus);
      return;
    }
    this.log('info', `serving ${this.#command.app} on ${this.addresses().join(', ')} with ${this.wanted} workers`);
    await notifier.tell('READY=1', `MAINPID=${process.pid}`);
    if (handover !== undefined && process.connected) process.send?.('ready');
    await this.hook('whenReady');
  }

  /**
   * Reads all settings again and replaces the workers by new ones, which must be ready before an old one stops.
   * @throws Error when the settings or the new workers are no good; nothing has changed then.
   */
  reload(): Promise<void> {
    return this.#serially(async () => {
      const { line, activated, sockets, log, notifier } = this.#parts;
      await notifier.tell('RELOADING=1', `MONOTONIC_USEC=${Math.trunc(Number(process.hrtime.bigint() / 1_000n))}`);
      try {
        const command = await readCommand(line, activated, this.#parts.startFolder);
        await command.hooks.onReload?.(this);
        const changes = [await sockets.change(command.binds, socketModeOf(command.settings.umask))];
        try {
          changes.push(log.change(command.settings.errorlog, command.settings.loglevel));
          await this.#group.reload(command.settings.bootTimeout * 1_000, this.#plan(command));
        } catch (error) {
          for (const change of changes) change.undo();
          throw error;
        }
        for (const change of changes) change.commit();
        this.#command = command;
        log.write('info', `reloaded; ${this.wanted} new workers serve, the old ones finish`);
      } finally {
        await notifier.tell('READY=1');
      }
    });
  }

  /** One worker more or fewer; at least one stays. */
  resizeBy(difference: number): Promise<void> {
    return this.#serially(async () => {
      const before = this.wanted;
      const now = Math.max(1, before + difference);
      if (now === before) return;
      this.log('info', `${now} workers from now on, ${before} before`);
      void this.#group.resize(now);
      await this.hook('nworkersChanged', now, before);
    });
  }

  /** @throws Error when no worker has this pid. */
  async replaceWorker(pid: number): Promise<void> {
    const worker = this.#group.workers.find((each) => each.pid === pid);
    if (worker === undefined)
      throw new Error(`expected the pid of a worker (${this.workers().join(', ')}), got ${pid}`);
    await this.#group.replace(worker, this.#command.settings.bootTimeout * 1_000);
  }

  /** Stops all workers gracefully and starts none until the next reload; connections wait. */
  hold(): Promise<void> {
    return this.#serially(async () => {
      this.log('info', 'stopping the workers until the next reload');
      await this.#group.resize(0);
    });
  }

  /** @throws Error when the master's own log file can't be opened; the one before goes on. */
  async reopenLogs(): Promise<void> {
    for (const worker of this.#group.workers) worker.tell({ prefork: 'reopen-logs' });
    this.#parts.log.reopen();
  }

  /**
   * Starts a second master on the same sockets, from the program as it is on disk now; both serve.
   * @returns once the other one's workers are ready.
   * @throws Error when there are two masters already, or the other one fails.
   */
  startSuccessor(): Promise<void> {
    return this.#serially(async () => {
      if (this.#successor !== undefined) throw new Error(`a successor runs already, pid ${this.#successor.pid}`);
      if (this.#parentLives) throw new Error('this master is a successor itself; stop the one before first');
      const { sockets, pidFile } = this.#parts;
      await this.hook('preExec');
      const child = spawnSuccessor(sockets.passable, this.#parts.startFolder);
      this.#successor = child;
      this.log('info', `started process ${child.pid} as successor`);
      const exited = new Promise<string>((resolve) => {
        child.once('exit', (code, signal) => {
          this.#successor = undefined;
          resolve(signal ? `was killed by ${signal}` : `exited with status ${code}`);
        });
        child.once('error', (error) => resolve(`could not be started: ${error.message}`));
      });
      const ready = new Promise<undefined>((resolve) => void child.once('message', () => resolve(undefined)));
      const problem = await Promise.race([ready, exited]);
      if (problem !== undefined) throw new Error(`the successor ${problem}; this master serves on`);
      void exited.then((how) => this.#stopping ?? this.log('warning', `the successor ${how}; this master serves on`));
      if (pidFile !== undefined) this.log('info', `the successor's pid is in ${pidFile.path}.2 until this master ends`);
    });
  }

  /** Starts a successor and ends this master when that serves. */
  async upgrade(): Promise<void> {
    await this.startSuccessor();
    void this.stop();
  }

  /** Lets workers finish what they have, within the graceful timeout. */
  stop(status = 0): Promise<void> {
    this.#stopping ??= this.#close(() => this.#group.stop(), status);
    return this.#stopping;
  }

  /** Ends workers at once, also in the middle of a stop. */
  quit(status = 0): Promise<void> {
    if (this.#stopping !== undefined) return this.#group.quit();
    this.#stopping = this.#close(() => this.#group.quit(), status);
    return this.#stopping;
  }

  /** Runs a hook of the config file, if there is one; its faults are logged. */
  async hook(name: MasterHookName, ...args: unknown[]): Promise<void> {
    // Each hook of the master takes the master first; what follows is up to the caller.
    const run = this.#command.hooks[name] as ((master: MasterView, ...args: unknown[]) => unknown) | undefined;
    try {
      await run?.(this, ...args);
    } catch (error) {
      this.log('error', `hook ${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    }
  }

  async #close(endWorkers: () => Promise<void>, status: number): Promise<void> {
    const { sockets, notifier, pidFile } = this.#parts;
    this.log('info', 'stopping');
    const told = this.#successor === undefined ? notifier.tell('STOPPING=1') : Promise.resolve();
    // Before the workers end: a connection that nobody will accept had better be refused.
    sockets.close(!this.isOneOfTwo);
    await endWorkers();
    await told;
    await this.care.close();
    (await this.#files)?.close();
    notifier.close();
    pidFile?.remove();
    await this.hook('onExit');
    this.log('info', 'stopped');
    this.#end.resolve(status);
  }

  /** The master before this one is gone. */
  #inherit(): void {
    this.#parentLives = false;
    const { pidFile } = this.#parts;
    if (pidFile?.path.endsWith('.2')) pidFile.rename(pidFile.path.slice(0, -2));
    this.log('info', 'the master before is gone; this one is alone now');
  }

  async #watchFile(path: string): Promise<void> {
    this.#files ??= import('./file-watch.ts').then(
      ({ FileWatch }) =>
        new FileWatch((changed) => {
          this.log('info', `${changed} changed`);
          this.reload().catch((error: unknown) => this.log('error', String(error)));
        }),
    );
    (await this.#files).add(path);
  }

  #plan(command: Command): ReturnType<typeof planWorkers> {
    return planWorkers(command.settings, this.#parts.sockets.fds, command.app, command.workerConfig);
  }

  #serially(action: () => Promise<void>): Promise<void> {
    const next = this.#queue.then(() => (this.#stopping === undefined ? action() : undefined));
    this.#queue = next.catch(() => undefined);
    return next;
  }
}
