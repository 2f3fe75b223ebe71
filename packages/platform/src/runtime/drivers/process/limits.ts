import { cgroupsAt } from '../../../cgroup/cgroup.ts';
import { type CgroupBase, findCgroupBase } from '../../../cgroup/cgroup-base.ts';
import type { DynoId } from '../../../domain/ids.ts';
import type { DynoSpec } from '../../driver.ts';

/**
 * Holds dynos to their size. Memory's hard limit is twice the size (R15); the size itself only warns (R14).
 * Where the system grants no control groups, `kind` is `none` and the driver watches memory itself.
 */
export interface Limits {
  readonly kind: 'none' | 'v1' | 'v2';
  create(spec: Pick<DynoSpec, 'id' | 'memoryBytes' | 'maxProcesses' | 'cpuShares'>): void;
  join(id: DynoId, pid: number): void;
  members(id: DynoId): readonly number[];
  /** Whether the kernel killed a process of the dyno for its memory. */
  outOfMemory(id: DynoId): boolean;
  /** Undefined where it isn't measured per dyno. */
  memoryBytes(id: DynoId): number | undefined;
  /** Undefined where it isn't measured per dyno. */
  cpuMs(id: DynoId): number | undefined;
  /** Forgets the dyno, once its processes are gone. */
  remove(id: DynoId): void;
}

export const noLimits: Limits = {
  kind: 'none',
  create: () => {},
  join: () => {},
  members: () => [],
  outOfMemory: () => false,
  memoryBytes: () => undefined,
  cpuMs: () => undefined,
  remove: () => {},
};

/** Limits by the kernel's control groups: a dyno's group has the dyno's id for a name. */
const kernelLimits = (base: CgroupBase): Limits => {
  const groups = cgroupsAt(base);
  return {
    kind: `v${base.version}`,
    create({ id, memoryBytes, maxProcesses, cpuShares }) {
      groups.open(id, { memoryBytes: memoryBytes * 2, maxProcesses, cpuShares, diesTogether: true });
    },
    join: (id, pid) => groups.find(id)?.add(pid),
    members: (id) => groups.find(id)?.pids() ?? [],
    outOfMemory: (id) => groups.find(id)?.outOfMemoryKilled() ?? false,
    memoryBytes: (id) => groups.find(id)?.memoryBytes(),
    cpuMs: (id) => groups.find(id)?.cpuMs(),
    remove: (id) => groups.find(id)?.remove(),
  };
};

/** The best kind of limits that this process may set here; tried out, not guessed. */
export const findLimits = async (): Promise<Limits> => {
  const base = await findCgroupBase();
  return base === undefined ? noLimits : kernelLimits(base);
};
