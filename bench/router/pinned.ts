import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** The core of the proxy that is measured, and the one of everything else. */
export const proxyCore = 1;
export const otherCore = 0;

export interface PinnedOptions {
  readonly core: number;
  readonly env?: NodeJS.ProcessEnv;
  /** Its output goes to the end of this file. */
  readonly output: string;
  /** Resolved when it answers here. */
  readonly port?: number;
}

/** A server on one core; ended with what it started. */
export class Pinned implements AsyncDisposable {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** @throws Error when it ends before it accepts connections */
  static async start(argv: readonly string[], options: PinnedOptions): Promise<Pinned> {
    const output = openSync(options.output, 'a');
    const child = spawn('taskset', ['--cpu-list', String(options.core), ...argv], {
      stdio: ['ignore', output, output, 'ipc'],
      env: { ...process.env, ...options.env },
    });
    closeSync(output);
    const pinned = new Pinned(child);
    const accepts = async (): Promise<void> => {
      while (options.port !== undefined && child.exitCode === null && !(await accepted(options.port))) await sleep(20);
    };
    await accepts();
    if (child.exitCode !== null) {
      const said = readFileSync(options.output, 'utf8').slice(-2000);
      throw new Error(`expected ${argv.join(' ')} to serve, but it ended:\n${said}`);
    }
    return pinned;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** The next thing that it tells over its channel. */
  async tells<Told>(): Promise<Told> {
    const [told] = (await Promise.race([
      once(this.#child, 'message'),
      once(this.#child, 'exit').then(() => {
        throw new Error(`expected ${this.#child.spawnargs.join(' ')} to say something, but it ended`);
      }),
    ])) as [Told]; // our own scripts, see there
    return told;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGTERM');
    await once(this.#child, 'exit');
  }
}

const accepted = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const answer = (yes: boolean): void => {
      socket.destroy();
      resolve(yes);
    };
    socket.on('connect', () => answer(true)).on('error', () => answer(false));
  });
