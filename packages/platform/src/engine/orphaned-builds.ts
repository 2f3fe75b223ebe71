import { existsSync } from 'node:fs';
import { readdir, readFile, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { buildGroup, cgroupRoot } from './limit-builds.ts';

const init = 1;

const parentOf = async (pid: number): Promise<number | undefined> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => undefined);
  // The name in parentheses may hold anything; what counts comes after it.
  return stat === undefined ? undefined : Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
};

/** Whether nobody waits for these processes any more: what an engine runs has a parent of the engine's. */
const isOrphaned = async (pids: readonly number[]): Promise<boolean> => {
  const parents = await Promise.all(pids.map(parentOf));
  const outer = parents.filter((parent) => parent !== undefined && !pids.includes(parent));
  return outer.length > 0 && outer.every((parent) => parent === init);
};

/**
 * Ends what builds of an engine that was killed still run on this machine; the engine itself forgets them. Builds of
 * engines that live, this one or others, are left alone.
 */
export const endOrphanedBuilds = async (): Promise<void> => {
  if (process.getuid?.() !== 0) return;
  const version2 = existsSync(join(cgroupRoot, 'cgroup.controllers'));
  const folder = version2 ? join(cgroupRoot, ...buildGroup) : join(cgroupRoot, 'memory', ...buildGroup);
  const groups = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const group of groups.filter((entry) => entry.isDirectory())) {
    const path = join(folder, group.name);
    const listed = await readFile(join(path, 'cgroup.procs'), 'utf8').catch(() => '');
    const pids = listed.split('\n').filter(Boolean).map(Number);
    if (!(await isOrphaned(pids))) continue;
    for (const pid of pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended meanwhile.
      }
    }
    await rmdir(path).catch(() => undefined);
  }
};
