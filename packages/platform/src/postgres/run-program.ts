import { spawn } from 'node:child_process';
import { basename } from 'node:path';
import { ClusterError } from './cluster-error.ts';

/** The Unix user that a program runs as; only root may choose one. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
}

export interface ProgramOptions {
  readonly runAs?: RunAs | undefined;
  readonly input?: string;
  readonly signal?: AbortSignal | undefined;
  readonly cwd?: string;
}

/** All that PostgreSQL's programs get to see of our environment. */
export const bareEnvironment = (): NodeJS.ProcessEnv => ({
  PATH: process.env.PATH ?? '/usr/bin:/bin',
  LANG: 'C',
  TZ: 'UTC',
});

const keptOutput = 16_384;

/**
 * Runs a program to its end and returns what it wrote, stdout and stderr as one.
 * @throws ClusterError with the end of its output when it can't run or exits with anything but 0.
 */
export const runProgram = (program: string, args: readonly string[], options: ProgramOptions = {}): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd ?? '/',
      env: bareEnvironment(),
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.signal && { signal: options.signal }),
      ...options.runAs,
    });
    let output = '';
    const keep = (text: string) => {
      output = (output + text).slice(-keptOutput);
    };
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.stdin.on('error', () => {}); // A program that ends early says why by its exit status.
    child.stdin.end(options.input ?? '');
    child.on('error', (cause) =>
      reject(
        cause.name === 'AbortError'
          ? cause
          : new ClusterError(`${basename(program)} could not be run: ${cause.message}`, { cause }),
      ),
    );
    child.on('close', (code, signal) => {
      if (code === 0) resolve(output);
      else reject(new ClusterError(`${basename(program)} ended with ${signal ?? code}: ${lastLines(output)}`));
    });
  });

const lastLines = (text: string): string => text.trim().split('\n').slice(-4).join(' / ').slice(-800) || 'no output';
