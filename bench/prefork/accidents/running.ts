import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { childrenOf } from '../server-process.ts';

/** How a master is wanted for one trial. */
export interface Wanted {
  /** A port of 127.0.0.1, or the path of a unix socket. */
  readonly listen: number | string;
  /** A listening socket that is passed on as systemd does, instead of `listen`. */
  readonly fd?: number;
  readonly folder: string;
  readonly workers?: number;
  /** How long a worker takes to start. */
  readonly bootMs?: number;
  readonly threads?: boolean;
  readonly timeoutSeconds?: number;
  readonly requestSeconds?: number;
  readonly maxRequests?: number;
  readonly maxMegabytes?: number;
  readonly accessLog?: string;
}

/** A master that runs, by what its users can do with it. */
export interface Running extends AsyncDisposable {
  readonly pid: number;
  readonly output: () => string;
  readonly reload: () => Promise<void>;
  readonly stop: () => Promise<void>;
  readonly addWorker: () => Promise<void>;
  /** What its command says about its workers. */
  readonly list?: () => Promise<string>;
  /** True: USR2 starts another master. */
  readonly succeeds?: boolean;
}

export const workers = 2;

/** False for a zombie too, which nobody may fetch soon after its master is gone. */
export const isAlive = (pid: number): boolean => {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
};

export const endAll = (pids: Iterable<number>): void => {
  for (const pid of pids) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
};

/** Ends a master with its workers; it stands still first, so that it starts no other. */
export const endMaster = (pid: number): void => {
  if (isAlive(pid)) process.kill(pid, 'SIGSTOP');
  endAll([...workersOf(pid), pid]);
};

export const becomes = async (test: () => boolean | Promise<boolean>, limitMs = 8_000): Promise<boolean> => {
  for (const endMs = performance.now() + limitMs; performance.now() < endMs; await sleep(50))
    if (await test()) return true;
  return false;
};

export const workersOf = (pid: number): readonly number[] => (isAlive(pid) ? childrenOf(pid) : []);

/** Body or, where there is none, what went wrong: a status, a code of the system. */
export const ask = (where: number | string, path = '/', limitMs = 2_000): Promise<string> =>
  new Promise((resolve) => {
    const target = typeof where === 'number' ? { host: '127.0.0.1', port: where } : { socketPath: where };
    const asked = request({ ...target, path, agent: false, signal: AbortSignal.timeout(limitMs) }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      response.on('end', () => resolve(response.statusCode === 200 ? body : `status ${response.statusCode}`));
      response.on('error', () => resolve('cut'));
    });
    asked.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.name)).end();
  });

export const isAnswer = (text: string): boolean => /^\d+$/.test(text);

/** Starts a command, with a socket of systemd's if one is wanted. */
export const startCommand = (
  argv: readonly string[],
  { fd }: Wanted,
  env: NodeJS.ProcessEnv,
): { readonly child: ChildProcess; readonly output: () => string } => {
  const script = fd === undefined ? 'exec "$0" "$@"' : 'export LISTEN_PID=$$ LISTEN_FDS=1; exec "$0" "$@"';
  const child = spawn('sh', ['-c', script, ...argv], {
    env,
    stdio: fd === undefined ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'pipe', 'pipe', fd],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
  return { child, output: () => text };
};
