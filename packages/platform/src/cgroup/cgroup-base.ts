import { execFile } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where this process may make groups: one folder per controller (version 1), or one for all (version 2). */
export type CgroupBase =
  | {
      readonly version: 1;
      readonly memory: string;
      readonly pids?: string;
      readonly cpu?: string;
      /** For groups that get what nobody else wants of the CPU. */
      readonly idleCpu?: string;
    }
  | { readonly version: 2; readonly folder: string; readonly idleFolder?: string };

interface Mount {
  readonly point: string;
  readonly controllers: readonly string[];
}

const readMounts = async (): Promise<{ v1: Mount[]; v2: string | undefined }> => {
  const mounts = await readFile('/proc/self/mounts', 'utf8').catch(() => '');
  const v1: Mount[] = [];
  let v2: string | undefined;
  for (const line of mounts.split('\n')) {
    const [, point, type, options] = line.split(' ');
    if (!point) continue;
    if (type === 'cgroup') v1.push({ point, controllers: (options ?? '').split(',') });
    if (type === 'cgroup2') v2 ??= point;
  }
  return { v1, v2 };
};

/** This process's own group below a mount point, by the line of /proc/self/cgroup that names the controller. */
const readOwnGroup = async (controller: string): Promise<string> => {
  const lines = (await readFile('/proc/self/cgroup', 'utf8').catch(() => '')).split('\n');
  const line = lines.find((each) => (each.split(':')[1] ?? '').split(',').includes(controller));
  return line?.split(':').slice(2).join(':') ?? '/';
};

const canJoin = async (folder: string): Promise<boolean> => {
  const group = join(folder, `probe-${process.pid}`);
  try {
    await mkdir(group);
    await run('/bin/sh', ['-c', 'echo $$ > "$1"', 'sh', join(group, 'cgroup.procs')]);
    return true;
  } catch {
    return false;
  } finally {
    await rmdir(group).catch(() => {});
  }
};

/** Of the CPU where a kernel knows no idle groups (before 5.15), and while idle groups must get on all the same. */
const lowShares = 256;
const lowWeight = 25;

const idleEnd = '-idle';

export const isIdleFolder = (folder: string): boolean => folder.endsWith(idleEnd);

/** Sets how idle groups below this folder get the CPU: when nobody else wants it, or by a low weight against all others. */
export const setIdle = (folder: string, idle: boolean): void => {
  const files: [name: string, value: number][] = [['cpu.idle', idle ? 1 : 0]];
  // An idle group refuses a weight.
  if (!idle || !existsSync(join(folder, 'cpu.idle'))) files.push(['cpu.shares', lowShares], ['cpu.weight', lowWeight]);
  for (const [name, value] of files) {
    if (existsSync(join(folder, name))) writeFileSync(join(folder, name), String(value));
  }
};

/**
 * A folder for idle groups, beside the one of all others: how much of the CPU a group gets is decided among siblings, so
 * one further down would get its part of what the others there are due, to the loss of everything outside.
 */
const makeIdle = async (
  besides: string,
  prepare: (folder: string) => Promise<boolean>,
): Promise<string | undefined> => {
  const folder = `${besides}${idleEnd}`;
  try {
    await mkdir(folder, { recursive: true });
    if (!(await prepare(folder))) return undefined;
    setIdle(folder, true);
    return (await canJoin(folder)) ? folder : undefined;
  } catch {
    return undefined;
  }
};

const findVersion1 = async (mounts: readonly Mount[]): Promise<CgroupBase | undefined> => {
  const usable = async (controller: string): Promise<string | undefined> => {
    const mount = mounts.find((each) => each.controllers.includes(controller));
    if (!mount) return undefined;
    for (const parent of [mount.point, join(mount.point, await readOwnGroup(controller))]) {
      const folder = join(parent, 'ravine');
      const made = await mkdir(folder, { recursive: true }).then(
        () => true,
        () => false,
      );
      if (made && (await canJoin(folder))) return folder;
    }
    return undefined;
  };
  const [memory, pids, cpu] = await Promise.all([usable('memory'), usable('pids'), usable('cpu')]);
  if (memory === undefined) return undefined;
  const idleCpu = cpu && (await makeIdle(cpu, async () => true));
  return { version: 1, memory, ...(pids && { pids }), ...(cpu && { cpu }), ...(idleCpu && { idleCpu }) };
};

const enableControllers = async (group: string): Promise<boolean> => {
  const file = join(group, 'cgroup.subtree_control');
  for (const controller of ['cpu', 'pids', 'memory']) await writeFile(file, `+${controller}`).catch(() => {});
  return (await readFile(file, 'utf8')).split(/\s+/).includes('memory');
};

/** Root makes its groups at the top, as container engines do; others only where they were delegated to. */
const findVersion2 = async (point: string): Promise<CgroupBase | undefined> => {
  const own = join(point, await readOwnGroup(''));
  const parents = process.getuid?.() === 0 ? [point, own] : [dirname(own), own];
  for (const parent of parents) {
    const folder = join(parent, 'ravine');
    try {
      await mkdir(folder, { recursive: true });
      if ((await enableControllers(parent)) && (await enableControllers(folder)) && (await canJoin(folder))) {
        const idleFolder = await makeIdle(folder, enableControllers);
        return { version: 2, folder, ...(idleFolder && { idleFolder }) };
      }
    } catch {
      // Not ours to write: the next candidate.
    }
  }
  return undefined;
};

const detect = async (): Promise<CgroupBase | undefined> => {
  if (process.platform !== 'linux') return undefined;
  const { v1, v2 } = await readMounts();
  return (await findVersion1(v1)) ?? (v2 ? await findVersion2(v2) : undefined);
};

let detected: Promise<CgroupBase | undefined> | undefined;

/** Tries once per process which groups can be made and joined; undefined where none can. */
export const findCgroupBase = (): Promise<CgroupBase | undefined> => {
  detected ??= detect();
  return detected;
};
