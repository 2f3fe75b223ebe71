import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { herokuCli } from '../../scripts/heroku-cli.ts';
import { openTerminal, type Terminal } from './terminal.ts';

/** What a command left behind. */
export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | null;
}

export interface RunOptions {
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A user at a shell: a home and a working folder of their own, the heroku CLI and git. */
export interface Shell extends AsyncDisposable {
  readonly home: string;
  /** Where commands run unless told otherwise; below `home`. */
  readonly folder: string;
  run(command: string, args: readonly string[], options?: RunOptions): Promise<Outcome>;
  heroku(...args: string[]): Promise<Outcome>;
  git(...args: string[]): Promise<Outcome>;
  terminal(command: string, args: readonly string[], options?: Pick<RunOptions, 'env' | 'cwd'>): Terminal;
  /** Starts a command that goes on by itself until it is stopped; what it prints can be waited for. */
  start(command: string, args: readonly string[]): Running;
}

export interface Running {
  /** Waits until stdout matches; answers the match. */
  prints(pattern: RegExp): Promise<RegExpExecArray>;
  /** All that it printed and its exit status, once it has ended by itself or was stopped. */
  readonly ended: Promise<Pick<Outcome, 'stdout' | 'status'>>;
  /** Ends it by SIGTERM. */
  stop(): Promise<void>;
}

/** Where `npm test` lets every Node process, the CLI's as well, keep what it compiled. */
const { NODE_COMPILE_CACHE } = process.env;

/** Opens a shell. @param environment the exports of `ravine env` */
export const openShell = async (name: string, environment: Readonly<Record<string, string>>): Promise<Shell> => {
  const home = await mkdtemp(join(tmpdir(), `ravine-${name}-`));
  const folder = join(home, 'work');
  await mkdir(folder);
  // The CLI speaks of its terms of service once, unless this file is there.
  await mkdir(join(home, '.cache', 'heroku'), { recursive: true });
  await writeFile(join(home, '.cache', 'heroku', 'terms-of-service'), '');
  await writeFile(
    join(home, '.gitconfig'),
    `[user]\n\tname = ${name}\n\temail = ${name}@example.com\n[init]\n\tdefaultBranch = main\n[advice]\n\tobjectNameWarning = false\n`,
  );
  const env = {
    PATH: [dirname(herokuCli), dirname(process.execPath), process.env.PATH].join(delimiter),
    HOME: home,
    LANG: 'C.UTF-8',
    TERM: 'xterm',
    ...(NODE_COMPILE_CACHE === undefined ? {} : { NODE_COMPILE_CACHE }),
    ...environment,
  };
  const running = new Set<() => Promise<void>>();
  const run: Shell['run'] = async (command, args, { input, cwd = folder, env: more } = {}) => {
    const child = spawn(command, args, { cwd, env: { ...env, ...more }, stdio: 'pipe' });
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
    const status = new Promise<number | null>((resolve, reject) => {
      child.on('error', reject).on('close', resolve);
    });
    const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), status]);
    return { stdout, stderr, status: code };
  };
  return {
    home,
    folder,
    run,
    heroku: (...args) => run(herokuCli, args),
    git: (...args) => run('git', args),
    terminal(command, args, { cwd = folder, env: more } = {}) {
      const terminal = openTerminal(command, args, { cwd, env: { ...env, ...more } });
      running.add(terminal.close);
      void terminal.ended.finally(() => running.delete(terminal.close));
      return terminal;
    },
    start(command, args) {
      const child = spawn(command, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'inherit'] });
      const said = new Printed(child.stdout, `${command} ${args.join(' ')}`);
      const ended = new Promise<Pick<Outcome, 'stdout' | 'status'>>((resolve) => {
        child.on('close', (status) => resolve({ stdout: said.text, status }));
      });
      const stop = async (): Promise<void> => {
        child.kill('SIGTERM');
        await ended;
      };
      running.add(stop);
      void ended.finally(() => running.delete(stop));
      return { prints: (pattern) => said.matching(pattern), ended, stop };
    },
    async [Symbol.asyncDispose]() {
      for (const stop of running) await stop();
      await rm(home, { recursive: true, force: true });
    },
  };
};

/** Remembers what a stream has said so far and waits for more. */
class Printed {
  text = '';
  readonly #what: string;
  readonly #listeners = new Set<() => void>();
  #over = false;

  constructor(stream: Readable, what: string) {
    this.#what = what;
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      this.text += chunk;
      this.#tell();
    });
    stream.on('end', () => {
      this.#over = true;
      this.#tell();
    });
  }

  matching(pattern: RegExp): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const match = pattern.exec(this.text);
        if (match === null && !this.#over) return;
        this.#listeners.delete(look);
        if (match !== null) resolve(match);
        else reject(new Error(`${this.#what} ended without printing ${pattern}; it printed:\n${this.text}`));
      };
      this.#listeners.add(look);
      look();
    });
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
