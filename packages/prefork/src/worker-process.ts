import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { type FromWorker, isFromWorker, type ToWorker } from './messages.ts';
import type { WatchOrders } from './worker/watchdog.ts';

export interface WorkerCommand {
  readonly script: string;
  readonly args: readonly string[];
  readonly nodeArgs: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Listening sockets to pass on. */
  readonly fds: readonly number[];
  /** A thread of the worker looks how long its event loop stands still (0: as long as it likes), and whether there is a master. */
  readonly watchTimeoutMs?: number;
  /** It is told to stop by a message, so that handlers of SIGTERM that its app has don't end it too early. */
  readonly stopsByMessage?: boolean;
  readonly uid?: number;
  readonly gid?: number;
}

/** Where a worker finds its listening sockets: 0-2 are standard, 3 is the channel to the master. */
const firstListenFd = 4;

/** Given to a worker that has nothing to finish, before SIGKILL. */
const quitLimitMs = 2_000;

/** One worker: starting until its ready message, then ready, gone once `exited` has resolved. */
export class WorkerProcess {
  readonly startedAtMs = performance.now();
  /** Resolves with the reason in words. */
  readonly exited: Promise<string>;
  /** Resolves with true at the ready message, with false when the worker exits without one. */
  readonly becameReady: Promise<boolean>;
  ready = false;
  /** Set once it was asked to stop: its exit is then no accident. */
  retired = false;
  /** The status it exited with, once it has. */
  exitStatus: number | null = null;
  readonly #child: ChildProcess;
  readonly #stopsByMessage: boolean;
  #killedFor: string | undefined;

  constructor(command: WorkerCommand, onMessage?: (message: FromWorker) => void) {
    const { fds, watchTimeoutMs: timeoutMs, stopsByMessage = false, uid, gid } = command;
    const watch: WatchOrders | undefined =
      timeoutMs === undefined ? undefined : { masterPid: process.pid, fd: firstListenFd + fds.length, timeoutMs };
    this.#stopsByMessage = stopsByMessage;
    const child = spawn(process.execPath, [...command.nodeArgs, command.script, ...command.args], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', ...fds, ...(watch ? ['pipe' as const] : [])],
      env: {
        ...process.env,
        ...command.env,
        PREFORK_LISTEN_FDS: fds.map((_, index) => firstListenFd + index).join(),
        ...(watch ? { PREFORK_WATCH: JSON.stringify(watch) } : {}),
      },
      ...(uid === undefined ? {} : { uid }),
      ...(gid === undefined ? {} : { gid }),
    });
    this.#child = child;
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.exitStatus = code;
        resolve(this.#killedFor ?? (signal ? `killed by ${signal}` : `exited with status ${code}`));
      });
      child.once('error', (error) => {
        if (child.pid === undefined) resolve(`could not be started: ${error.message}`);
      });
    });
    this.becameReady = Promise.race([
      new Promise<boolean>((resolve) => {
        child.on('message', (message) => {
          if (!isFromWorker(message)) return;
          if (message === 'ready') {
            this.ready = true;
            resolve(true);
          }
          onMessage?.(message);
        });
      }),
      this.exited.then(() => false),
    ]);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** What its watching thread writes; undefined when it has none. */
  get watch(): Readable | undefined {
    const last = this.#child.stdio.at(-1);
    return last && this.#child.stdio.length > firstListenFd && 'read' in last ? last : undefined;
  }

  tell(message: ToWorker): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  /** SIGTERM (or the message) now, SIGKILL after `gracefulTimeoutMs`; resolves when it is gone. */
  stop(gracefulTimeoutMs: number): Promise<void> {
    if (!this.#stopsByMessage) return this.#end('SIGTERM', gracefulTimeoutMs);
    this.tell({ prefork: 'stop' });
    return this.#end(undefined, gracefulTimeoutMs);
  }

  /** Ends it without waiting for what it is doing. */
  quit(): Promise<void> {
    return this.#end('SIGQUIT', quitLimitMs);
  }

  /** SIGKILL now; `reason` is what its exit will be said to come from. */
  kill(reason: string): void {
    this.#killedFor = reason;
    this.#child.kill('SIGKILL');
  }

  async #end(signal: NodeJS.Signals | undefined, limitMs: number): Promise<void> {
    this.retired = true;
    if (signal !== undefined) this.#child.kill(signal);
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), limitMs);
    await this.exited;
    clearTimeout(timer);
  }
}
