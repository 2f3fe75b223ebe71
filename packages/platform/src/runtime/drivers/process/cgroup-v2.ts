import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readNumbers, tryOut } from './cgroup-trial.ts';
import type { Limits } from './limits.ts';

const mount = '/sys/fs/cgroup';
const controllers = ['memory', 'pids', 'cpu'];

/** cgroup v1's shares (2..262144) as cgroup v2's weight (1..10000), the way the kernel's documents map them. */
export const weightOfShares = (shares: number): number =>
  Math.min(10_000, Math.max(1, Math.round(1 + ((shares - 2) * 9999) / 262_142)));

const ownGroup = (): string => {
  const line = /^0::(.*)$/m.exec(readFileSync('/proc/self/cgroup', 'utf8'))?.[1] ?? '/';
  return join(mount, line);
};

const enable = (group: string): void => {
  writeFileSync(join(group, 'cgroup.subtree_control'), controllers.map((name) => `+${name}`).join(' '));
};

const at = (root: string): Limits => {
  const groupOf = (id: string): string => join(root, id);
  return {
    kind: 'v2',
    create(spec) {
      const group = groupOf(spec.id);
      mkdirSync(group, { recursive: true });
      writeFileSync(join(group, 'memory.max'), String(spec.memoryBytes * 2));
      writeFileSync(join(group, 'memory.oom.group'), '1');
      writeFileSync(join(group, 'pids.max'), String(spec.maxProcesses));
      writeFileSync(join(group, 'cpu.weight'), String(weightOfShares(spec.cpuShares)));
    },
    join: (id, pid) => writeFileSync(join(groupOf(id), 'cgroup.procs'), String(pid)),
    members: (id) => readNumbers(join(groupOf(id), 'cgroup.procs')),
    outOfMemory(id) {
      const file = join(groupOf(id), 'memory.events');
      return existsSync(file) && /^oom_kill [1-9]/m.test(readFileSync(file, 'utf8'));
    },
    memoryBytes(id) {
      const file = join(groupOf(id), 'memory.stat');
      if (!existsSync(file)) return undefined;
      const text = readFileSync(file, 'utf8');
      const part = (name: string): number => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
      return part('anon') + part('file_mapped');
    },
    remove(id) {
      if (existsSync(groupOf(id))) rmdirSync(groupOf(id));
    },
  };
};

/** Limits through the unified hierarchy, below its root or beside our own group, wherever we are allowed to. */
export const findCgroupV2 = (): Limits | undefined => {
  if (!existsSync(join(mount, 'cgroup.controllers'))) return undefined;
  const parents = [mount, dirname(ownGroup())];
  for (const parent of parents) {
    const root = join(parent, 'ravine');
    try {
      mkdirSync(root, { recursive: true });
      enable(parent);
      enable(root);
      const limits = at(root);
      if (tryOut(limits)) return limits;
    } catch {
      // Not ours to write; the next place, or none.
    }
  }
  return undefined;
};
