import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from './engine.ts';

export interface BuildLimits {
  readonly memoryBytes: number;
  /** Relative CPU weight; a dyno of the smallest size has 1024. */
  readonly cpuShares: number;
}

const root = '/sys/fs/cgroup';
/** Where an engine that drives control groups by itself puts what BuildKit runs. */
const group = 'docker/buildkit';

/** cgroup v2 weighs from 1 to 10000 with 100 in the middle, v1 with 1024. */
const weightOf = (shares: number): number => Math.max(1, Math.min(10_000, Math.round((shares * 100) / 1024)));

/**
 * Holds all builds of a local engine together to these limits, since its API can't hold one.
 * @returns whether it could: not without root, not for an engine elsewhere or under systemd.
 */
export const limitBuilds = async (engine: Engine, { memoryBytes, cpuShares }: BuildLimits): Promise<boolean> => {
  if (engine.endpoint.kind !== 'socket' || process.getuid?.() !== 0) return false;
  const v2 = existsSync(join(root, 'cgroup.controllers'));
  const files = v2
    ? [
        [join(root, group), 'memory.max', memoryBytes],
        [join(root, group), 'cpu.weight', weightOf(cpuShares)],
      ]
    : [
        [join(root, 'memory', group), 'memory.limit_in_bytes', memoryBytes],
        [join(root, 'cpu', group), 'cpu.shares', cpuShares],
      ];
  if (!existsSync(join(root, v2 ? 'docker' : 'memory/docker'))) return false;
  try {
    for (const [folder, name, value] of files) {
      await mkdir(String(folder), { recursive: true });
      await writeFile(join(String(folder), String(name)), String(value));
    }
    return true;
  } catch {
    return false;
  }
};
