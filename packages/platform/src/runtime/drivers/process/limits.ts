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
  remove: () => {},
};
