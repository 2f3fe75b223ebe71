import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

const checkMs = 2;

/** Every process of this machine that can be read; zombies left out. */
export const processTable = async (): Promise<ProcessEntry[]> => {
  const names = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const entries = await Promise.all(names.map((name) => entryOf(Number(name))));
  return entries.filter((entry) => entry !== undefined);
};

/** A process's descendants, itself included. */
export const familyOf = (table: readonly ProcessEntry[], pid: number): ProcessEntry[] =>
  table.flatMap((entry) => {
    if (entry.pid === pid) return [entry];
    return entry.parent === pid ? familyOf(table, entry.pid) : [];
  });

/** Whether the process exists and is no zombie. */
export const isAlive = async (pid: number): Promise<boolean> => (await entryOf(pid)) !== undefined;

/** Resolves when the process is gone. */
export const untilGone = async (pid: number): Promise<void> => {
  while (await isAlive(pid)) await sleep(checkMs);
};

const entryOf = async (pid: number): Promise<ProcessEntry | undefined> => {
  try {
    const [stat, command] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'latin1'),
      readFile(`/proc/${pid}/cmdline`, 'utf8'),
    ]);
    // The name in parentheses may hold anything; what counts comes after it.
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'X' || (state === 'Z' && !(await hasThreads(pid)))) return undefined;
    return { pid, parent: Number(parent), command: command.replaceAll('\0', ' ') };
  } catch {
    return undefined;
  }
};

/** A first thread may be a zombie while others still hold the process's sockets open. */
const hasThreads = async (pid: number): Promise<boolean> => (await readdir(`/proc/${pid}/task`)).length > 1;
