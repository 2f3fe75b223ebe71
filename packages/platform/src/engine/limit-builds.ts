import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from './engine.ts';

export interface BuildLimits {
  readonly memoryBytes: number;
  /** Relative CPU weight; a dyno of the smallest size has 1024. */
  readonly cpuShares: number;
}

export const cgroupRoot = '/sys/fs/cgroup';
/** Where an engine that drives control groups by itself puts what BuildKit runs. */
export const buildGroup = ['docker', 'buildkit'] as const;

/** cgroup v2 weighs from 1 to 10000 with 100 in the middle, v1 with 1024. */
const weightOf = (shares: number): number => Math.max(1, Math.min(10_000, Math.round((shares * 100) / 1024)));

const limitV1 = async ({ memoryBytes, cpuShares }: BuildLimits): Promise<void> => {
  for (const [controller, file, value] of [
    ['memory', 'memory.limit_in_bytes', memoryBytes],
    ['cpu', 'cpu.shares', cpuShares],
  ] as const) {
    const folder = join(cgroupRoot, controller, ...buildGroup);
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, file), String(value));
  }
};

const limitV2 = async ({ memoryBytes, cpuShares }: BuildLimits): Promise<void> => {
  const folder = join(cgroupRoot, ...buildGroup);
  await mkdir(folder, { recursive: true });
  for (const parent of [cgroupRoot, join(cgroupRoot, buildGroup[0])])
    await writeFile(join(parent, 'cgroup.subtree_control'), '+memory +cpu');
  await writeFile(join(folder, 'memory.max'), String(memoryBytes));
  await writeFile(join(folder, 'cpu.weight'), String(weightOf(cpuShares)));
};

/**
 * Holds all builds of a local engine together to these limits, since its API can't hold one.
 * @returns whether it could: not without root, not for an engine elsewhere or one whose control groups are systemd's.
 */
export const limitBuilds = async (engine: Engine, limits: BuildLimits): Promise<boolean> => {
  if (engine.endpoint.kind !== 'socket' || process.getuid?.() !== 0) return false;
  const { CgroupDriver } = await engine.json<{ readonly CgroupDriver?: string }>('GET', '/info');
  if (engine.version.isPodman || CgroupDriver !== 'cgroupfs') return false;
  try {
    await (existsSync(join(cgroupRoot, 'cgroup.controllers')) ? limitV2(limits) : limitV1(limits));
    return true;
  } catch {
    return false;
  }
};
