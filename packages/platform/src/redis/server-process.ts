import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const lookEveryMs = 20;

/** The argument by which a server's process is known to be the one of a folder. */
export const serverConfigOf = (folder: string): string => join(folder, 'data', 'redis.conf');

/** Processes and their arguments. */
const processes = async (): Promise<readonly (readonly [pid: number, command: string])[]> => {
  if (process.platform !== 'linux') {
    const { stdout } = await promisify(execFile)('ps', ['-axww', '-o', 'pid=,command=']);
    return stdout.split('\n').map((line) => [Number.parseInt(line, 10), line.trim().replace(/^\d+ /, '')]);
  }
  const pids = (await readdir('/proc')).map(Number).filter(Number.isInteger);
  // One that has ended meanwhile, and a zombie, have none.
  const read = async (pid: number) => {
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return [pid, text.split('\0').slice(0, -1).join(' ')] as const;
  };
  return Promise.all(pids.map(read));
};

/** The servers of a folder that run now, whoever started them and whether they answer or not; one, or none. */
export const findServers = async (folder: string): Promise<readonly number[]> => {
  const all = await processes();
  return all.flatMap(([pid, command]) => (command.endsWith(` ${serverConfigOf(folder)}`) ? [pid] : []));
};

/**
 * Stops the server of a folder, whoever started it: by SIGTERM, upon which it writes what it has, and then by SIGKILL.
 * @returns whether one ran
 * @throws when it goes on running all the same
 */
export const stopServers = async (folder: string, graceMs = 30_000): Promise<boolean> => {
  const found = await findServers(folder);
  const steps = [['SIGTERM', graceMs], ['SIGKILL', 10_000]] as const; // biome-ignore format: a table
  let running = found;
  for (const [signal, waitMs] of steps) {
    for (const pid of running) send(pid, signal);
    const until = performance.now() + waitMs;
    while (running.length > 0 && performance.now() < until) {
      await sleep(lookEveryMs);
      running = await findServers(folder);
    }
  }
  if (running.length > 0) throw new Error(`Process ${running.join(', ')}, which is the database's, can't be ended.`);
  return found.length > 0;
};

const send = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // kill() fails with system errors only
  }
};
