import { BuildFailed } from './build-failed.ts';

const duration = (ms: number): string =>
  ms % 60_000 === 0 ? `${ms / 60_000} min` : `${Math.round(ms / 100) / 10} seconds`;

/** Why a build ended that took longer than builds may. */
export const buildTimedOut = (limitMs: number, cause: unknown): BuildFailed =>
  new BuildFailed(
    'build_timeout',
    `The build took longer than ${duration(limitMs)} and was stopped.\nFind out which step hangs; what it printed last is above.`,
    { cause },
  );
