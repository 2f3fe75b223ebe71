import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const pollMs = 20;
/** Servers run here, the clients of this process wherever the system puts them. */
const serverCpu = '1';

/** A server, by its command; its process is the first one, its workers are the children. */
export class ServerProcess implements AsyncDisposable {
  readonly lines: string[] = [];
  readonly #child;
  readonly #closed;

  constructor(args: readonly string[], { pinned = false } = {}) {
    const command = pinned ? ['taskset', '-c', serverCpu, process.execPath] : [process.execPath];
    const [program = '', ...rest] = [...command, ...args];
    this.#child = spawn(program, rest, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#closed = once(this.#child, 'close');
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => this.lines.push(line));
    }
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw new Error('the server could not be started');
    return this.#child.pid;
  }

  /** Waits until it has said this often enough. */
  async said(pattern: RegExp, times = 1): Promise<RegExpExecArray> {
    for (;;) {
      const found = this.lines.map((line) => pattern.exec(line)).filter((match) => match !== null);
      const last = found.at(-1);
      if (last !== undefined && found.length >= times) return last;
      // Its successor, if it has one, writes to the same pipe.
      if (this.#child.exitCode !== null && this.successor === undefined)
        throw new Error(`the server ended:\n${this.lines.join('\n')}`);
      await sleep(pollMs);
    }
  }

  async port(): Promise<number> {
    return Number((await this.said(/http:\/\/127\.0\.0\.1:(\d+)/))[1]);
  }

  /** CPU time of it and its workers so far. Source: proc_pid_schedstat, nanoseconds per thread. */
  cpuMs(): number {
    return [this.pid, ...childrenOf(this.pid)].reduce((sum, pid) => sum + cpuMsOf(pid), 0);
  }

  /** Pid of the master that takes its place. */
  get successor(): number | undefined {
    const found = this.lines.map((line) => /started process (\d+) as successor/.exec(line)).findLast(Boolean);
    return found?.[1] === undefined ? undefined : Number(found[1]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGINT');
    if (this.successor !== undefined) process.kill(this.successor, 'SIGINT');
    await this.#closed;
  }
}

export const childrenOf = (pid: number): readonly number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/).filter(Boolean).map(Number);

const nanosecondsPerMs = 1e6;

const cpuMsOf = (pid: number): number =>
  readdirSync(`/proc/${pid}/task`)
    .map((task) => Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]) / nanosecondsPerMs)
    .reduce((sum, ms) => sum + ms, 0);
