import { readdirSync, readFileSync } from 'node:fs';

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // it has just ended
  }
};

const list = (path: string): string[] => {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
};

const childrenOf = (pid: number): number[] =>
  list(`/proc/${pid}/task`).flatMap((thread) =>
    read(`/proc/${pid}/task/${thread}/children`).trim().split(' ').filter(Boolean).map(Number),
  );

/** A process and all that come from it. */
const treeOf = (pid: number): number[] => [pid, ...childrenOf(pid).flatMap(treeOf)];

/** CPU time, user and system, that a process, its threads and its children have had so far, in microseconds. */
export const cpuMicroseconds = (pid: number): number => {
  const threads = treeOf(pid).flatMap((id) => list(`/proc/${id}/task`).map((thread) => `/proc/${id}/task/${thread}`));
  return threads.reduce((sum, thread) => sum + Number(read(`${thread}/schedstat`).split(' ')[0] || 0) / 1000, 0);
};

const tickMicroseconds = 10_000;

/** Time that a core has been busy so far, or was taken from this machine by its host, in microseconds. */
export const coreBusyMicroseconds = (core: number): number => {
  const line = new RegExp(`^cpu${core} (.*)$`, 'm').exec(read('/proc/stat'))?.[1] ?? '';
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = line.split(' ').map(Number);
  return (user + nice + system + irq + softirq + steal) * tickMicroseconds;
};
