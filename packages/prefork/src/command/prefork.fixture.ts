import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, statSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { get, type RequestOptions } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const program = (name: string): string => fileURLToPath(new URL(`../bin/${name}.ts`, import.meta.url));

/** The Node that the masters and workers of tests run on: `PREFORK_TEST_NODE=/opt/node-22/bin/node npm test -- prefork/src/command`. */
const node = process.env.PREFORK_TEST_NODE ?? process.execPath;

/** Path of an app that tests serve. */
export const app = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}.ts`, import.meta.url));

/** Shared by all masters and workers of all tests, so that they start quickly. */
const compileCache = join(tmpdir(), 'prefork-compile-cache');

export const until = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await holds())) await delay(10);
};

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const ask = (options: RequestOptions): Promise<string> =>
  new Promise((resolve, reject) => {
    get({ ...options, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => resolve(body)).on('error', reject);
    }).on('error', reject);
  });

interface Options {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** Descriptors from 3 on. */
  readonly fds?: readonly number[];
  /** The config file or the environment says where to listen. */
  readonly hasBind?: boolean;
  /** The file of its folder that it writes its own lines to. */
  readonly errorLog?: string;
}

/** A master run as its users run it, in a folder of its own. */
export class Prefork implements AsyncDisposable {
  /** What it wrote, standard output and error together. */
  readonly lines: string[] = [];
  readonly exited: Promise<number | null>;
  readonly child: ChildProcess;
  readonly folder: string;
  readonly #errorLog: string | undefined;
  #ended = false;

  private constructor(folder: string, args: readonly string[], { env, cwd = folder, fds = [], errorLog }: Options) {
    this.folder = folder;
    this.#errorLog = errorLog && join(folder, errorLog);
    const { PORT: _port, WEB_CONCURRENCY: _workers, NOTIFY_SOCKET: _notify, ...inherited } = process.env;
    this.child = spawn(node, [program('prefork'), ...args], {
      cwd,
      env: { ...inherited, NODE_COMPILE_CACHE: compileCache, ...env },
      stdio: ['ignore', 'pipe', 'pipe', ...fds],
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      if (stream) createInterface({ input: stream }).on('line', (line) => this.lines.push(line));
    }
    this.exited = once(this.child, 'close').then(([status]) => {
      this.#ended = true;
      return typeof status === 'number' ? status : null;
    });
  }

  /** Starts it and waits until it serves, or has ended. */
  static async start(args: readonly string[], options: Options = {}): Promise<Prefork> {
    const folder = await mkdtemp(join(tmpdir(), 'prefork-'));
    const hasBind = options.hasBind ?? args.some((arg) => arg === '-b' || arg.startsWith('--bind'));
    const prefork = new Prefork(folder, [...(hasBind ? [] : ['-b', '127.0.0.1:0']), ...args], options);
    await until(() => prefork.#ended || / serving /.test(prefork.text));
    return prefork;
  }

  get pid(): number {
    const { pid } = this.child;
    if (pid === undefined) throw new Error('expected a process, but it could not be started');
    return pid;
  }

  /** Pids of its workers, at least one. */
  async workers(): Promise<readonly [number, ...number[]]> {
    const [first, ...others] = await childrenOf(this.pid);
    if (first === undefined) throw new Error(`expected a master with workers, but it has none:\n${this.text}`);
    return [first, ...others];
  }

  get text(): string {
    const log = this.#errorLog;
    const logged = log && statSync(log, { throwIfNoEntry: false })?.isFile() ? readFileSync(log, 'utf8') : '';
    return this.lines.join('\n') + logged;
  }

  /** Of its TCP socket, from what it said. */
  get port(): number {
    return Number(/serving .* on .*?http:\/\/[^ ]*?:(\d+)/.exec(this.text)?.[1]);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Waits for a line; each call sees all lines from the start. */
  async said(pattern: RegExp): Promise<RegExpExecArray> {
    await until(() => this.#ended || pattern.test(this.text));
    const found = pattern.exec(this.text);
    if (found === null) throw new Error(`expected the master to say ${pattern}, but it ended with:\n${this.text}`);
    return found;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** Asks on a connection of its own, which may reach any worker; resolves with the body. */
  get(path = '/', headers: Readonly<Record<string, string>> = {}): Promise<string> {
    return ask({ host: '127.0.0.1', port: this.port, path, headers });
  }

  /** Asks on a unix socket. */
  askUnix(socketPath: string): Promise<string> {
    return ask({ socketPath });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill('SIGINT');
    // A successor writes to the same pipes: without its end there is no `close`.
    const [, successor] = /started process (\d+) as successor/.exec(this.text) ?? [];
    if (successor !== undefined && isAlive(Number(successor))) process.kill(Number(successor), 'SIGINT');
    await this.exited;
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Runs `preforkctl` to its end. */
export const preforkctl = async (
  ...args: string[]
): Promise<{ readonly status: number; readonly stdout: string; readonly stderr: string }> => {
  const child = spawn(process.execPath, [program('preforkctl'), ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const [status] = await once(child, 'close');
  return { status: Number(status), stdout, stderr };
};

/** Pids of the master's direct children. Source: proc_pid_task(5). */
export const childrenOf = async (pid: number): Promise<readonly number[]> => {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.trim().split(/\s+/).filter(Boolean).map(Number);
};
