import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNumbers, tryOut } from './cgroup-trial.ts';
import type { Limits } from './limits.ts';

const mount = '/sys/fs/cgroup';
const controllers = ['memory', 'pids', 'cpu'] as const;
type Controller = (typeof controllers)[number];

const groupOf = (controller: Controller, id: string): string => join(mount, controller, 'ravine', id);

const cgroupV1: Limits = {
  kind: 'v1',
  create(spec) {
    for (const controller of controllers) mkdirSync(groupOf(controller, spec.id), { recursive: true });
    writeFileSync(join(groupOf('memory', spec.id), 'memory.limit_in_bytes'), String(spec.memoryBytes * 2));
    writeFileSync(join(groupOf('pids', spec.id), 'pids.max'), String(spec.maxProcesses));
    writeFileSync(join(groupOf('cpu', spec.id), 'cpu.shares'), String(spec.cpuShares));
  },
  join(id, pid) {
    for (const controller of controllers) {
      writeFileSync(join(groupOf(controller, id), 'cgroup.procs'), String(pid));
    }
  },
  members: (id) => readNumbers(join(groupOf('pids', id), 'cgroup.procs')),
  outOfMemory(id) {
    const file = join(groupOf('memory', id), 'memory.oom_control');
    return existsSync(file) && /^oom_kill [1-9]/m.test(readFileSync(file, 'utf8'));
  },
  memoryBytes(id) {
    const file = join(groupOf('memory', id), 'memory.stat');
    if (!existsSync(file)) return undefined;
    const text = readFileSync(file, 'utf8');
    const part = (name: string): number => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
    return part('rss') + part('mapped_file');
  },
  remove(id) {
    for (const controller of controllers) {
      if (existsSync(groupOf(controller, id))) rmdirSync(groupOf(controller, id));
    }
  },
};

/** Limits through the separate hierarchies of older systems, where we may write to all three. */
export const findCgroupV1 = (): Limits | undefined => {
  if (!controllers.every((controller) => existsSync(join(mount, controller, 'cgroup.procs')))) return undefined;
  return tryOut(cgroupV1) ? cgroupV1 : undefined;
};
