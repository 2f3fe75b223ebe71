import { readFileSync } from 'node:fs';
import { readdir, readFile, readlink, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from './run-program.ts';

/** The argument by which a server's process is known to be the one of a folder. */
export const serverArguments = (dataFolder: string): readonly string[] => ['-D', dataFolder];

/** Whether there is a process of this number, whoever's. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: there is such a process, of another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** Whether `pid` is the server of this folder now; a zombie and a process that got the same number later are not. */
export const isServerOf = async (pid: number, dataFolder: string): Promise<boolean> => {
  if (!isAlive(pid)) return false;
  if (process.platform !== 'linux') {
    const line = await runProgram('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).catch(() => '');
    return line.trim().endsWith(serverArguments(dataFolder).join(' '));
  }
  return linuxArguments(pid).slice(1).join('\0') === serverArguments(dataFolder).join('\0');
};

const linuxArguments = (pid: number): readonly string[] => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
  } catch {
    return [];
  }
};

/** The pid that postmaster.pid names, whoever has it now. */
const recordedPid = async (dataFolder: string): Promise<number | undefined> => {
  const text = await readFile(join(dataFolder, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number.parseInt(text, 10);
  return pid > 1 ? pid : undefined;
};

/** The pid of the running server of this folder, whoever started it. */
export const findServer = async (dataFolder: string): Promise<number | undefined> => {
  const pid = await recordedPid(dataFolder);
  return pid !== undefined && (await isServerOf(pid, dataFolder)) ? pid : undefined;
};

/**
 * Clears what a killed server has left: its children (one in the middle of a long query doesn't notice for as long
 * as that takes, and no new server starts until then) and a pid file whose number now belongs to somebody else.
 * To be called only when {@link findServer} finds none.
 */
export const clearRemains = async (dataFolder: string): Promise<void> => {
  const pid = await recordedPid(dataFolder);
  if (pid === undefined) return;
  for (const orphan of await orphansOf(dataFolder)) kill(orphan, 'SIGKILL');
  if (isAlive(pid) && !(await isServerOf(pid, dataFolder)))
    await rm(join(dataFolder, 'postmaster.pid'), { force: true });
};

const orphansOf = async (dataFolder: string): Promise<readonly number[]> => {
  if (process.platform !== 'linux') return [];
  const found: number[] = [];
  for (const name of await readdir('/proc')) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const folder = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
    if (folder === dataFolder && linuxArguments(pid)[0]?.startsWith('postgres: ')) found.push(pid);
  }
  return found;
};

/** Sends a signal; a process that is gone already is no error. */
export const kill = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};
