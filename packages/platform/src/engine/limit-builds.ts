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
 * Why builds of an engine are held to no limits, in words; undefined when they are: its API can't hold one, so that only
 * control groups of this machine can.
 */
export const whyUnlimited = async (engine: Engine): Promise<string | undefined> => {
  // Its builder takes limits with each build.
  if (engine.version.isPodman) return undefined;
  if (engine.endpoint.kind !== 'socket') return 'it is reached over the network';
  if (process.getuid?.() !== 0) return 'Ravine does not run as root';
  const { CgroupDriver = 'none' } = await engine.json<{ readonly CgroupDriver?: string }>('GET', '/info');
  return CgroupDriver === 'cgroupfs' ? undefined : `its control groups are those of ${CgroupDriver}`;
};

/** Holds all builds of a local engine together to these limits. @returns whether builds are held to them. */
export const limitBuilds = async (engine: Engine, limits: BuildLimits): Promise<boolean> => {
  if ((await whyUnlimited(engine)) !== undefined) return false;
  if (engine.version.isPodman) return true;
  try {
    await (existsSync(join(cgroupRoot, 'cgroup.controllers')) ? limitV2(limits) : limitV1(limits));
    return true;
  } catch {
    return false;
  }
};
