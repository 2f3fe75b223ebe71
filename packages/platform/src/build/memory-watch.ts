import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const pageBytes = 4096;
const pollMs = 500;
// Positions in /proc/PID/stat after the name, proc_pid_stat(5): session is field 6, resident pages field 24.
const sessionField = 3;
const residentField = 21;

const readSessionBytes = async (session: number): Promise<number> => {
  const names = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const sizes = await Promise.all(
    names.map(async (name) => {
      const stat = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      return Number(fields[sessionField]) === session ? Number(fields[residentField]) * pageBytes : 0;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
};

/** Where there are no control groups: ends when the processes of a session together hold more than the limit. */
export const waitForMemoryAbove = async (
  session: number,
  limitBytes: number,
  signal: AbortSignal,
): Promise<boolean> => {
  while (!signal.aborted) {
    if ((await readSessionBytes(session)) > limitBytes) return true;
    await sleep(pollMs, undefined, { signal, ref: false }).catch(() => {});
  }
  return false;
};
