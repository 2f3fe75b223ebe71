import { type ChildProcess, spawn } from 'node:child_process';

export interface WorkerCommand {
  readonly script: string;
  readonly args: readonly string[];
  readonly nodeArgs: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly fd: number;
}

/** Where a worker finds its listening socket: 0-2 are standard, 3 is the channel to the master. */
const listenFd = 4;

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
  readonly #child: ChildProcess;

  constructor(command: WorkerCommand) {
    const child = spawn(process.execPath, [...command.nodeArgs, command.script, ...command.args], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc', command.fd],
      env: { ...process.env, ...command.env, PREFORK_LISTEN_FD: String(listenFd) },
    });
    this.#child = child;
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve(signal ? `killed by ${signal}` : `exited with status ${code}`));
      child.once('error', (error) => {
        if (child.pid === undefined) resolve(`could not be started: ${error.message}`);
      });
    });
    this.becameReady = Promise.race([
      new Promise<boolean>((resolve) => {
        child.on('message', (message) => {
          if (message !== 'ready') return;
          this.ready = true;
          resolve(true);
        });
      }),
      this.exited.then(() => false),
    ]);
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** SIGTERM now, SIGKILL after `gracefulTimeoutMs`; resolves when it is gone. */
  async stop(gracefulTimeoutMs: number): Promise<void> {
    this.retired = true;
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), gracefulTimeoutMs);
    await this.exited;
    clearTimeout(timer);
  }
}
