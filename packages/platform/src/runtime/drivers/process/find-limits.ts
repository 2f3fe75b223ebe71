import { findCgroupV1 } from './cgroup-v1.ts';
import { findCgroupV2 } from './cgroup-v2.ts';
import { type Limits, noLimits } from './limits.ts';

/** The best kind of limits that this process may set here; tried out, not guessed. */
export const findLimits = (): Limits => findCgroupV2() ?? findCgroupV1() ?? noLimits;
