import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

const checkMs = 2;

/** Every process of this machine; zombies left out. */
export const processTable = async (): Promise<ProcessEntry[]> => {
  const names = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return names.map((name) => entryOf(Number(name))).filter((entry) => entry !== undefined);
};

/** A process's descendants, itself included. */
export const familyOf = (table: readonly ProcessEntry[], pid: number): ProcessEntry[] =>
  table.flatMap((entry) => {
    if (entry.pid === pid) return [entry];
    return entry.parent === pid ? familyOf(table, entry.pid) : [];
  });

/** Whether the process exists and is no zombie. */
export const isAlive = async (pid: number): Promise<boolean> => entryOf(pid) !== undefined;

/** Resolves when the process is gone. */
export const untilGone = async (pid: number): Promise<void> => {
  while (await isAlive(pid)) await sleep(checkMs);
};

/** One after another and at once: hundreds of files open side by side would be too many for one process. */
const entryOf = (pid: number): ProcessEntry | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    // The name in parentheses may hold anything; what counts comes after it.
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'X' || (state === 'Z' && !hasThreads(pid))) return undefined;
    return { pid, parent: Number(parent), command: command.replaceAll('\0', ' ') };
  } catch (error) {
    if (error instanceof Error && 'code' in error && ['ENOENT', 'ESRCH'].includes(String(error.code))) return undefined;
    throw error;
  }
};

/** A first thread may be a zombie while others still hold the process's sockets open. */
const hasThreads = (pid: number): boolean => readdirSync(`/proc/${pid}/task`).length > 1;
