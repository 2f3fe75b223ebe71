import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { buildCancelled } from './build-cancelled.ts';
import { BuildFailed } from './build-failed.ts';
import { buildTimedOut } from './build-timed-out.ts';

const fullDiskBytes = 16 * 1024 * 1024;
const fullDiskText = /ENOSPC|No space left on device|Disk quota exceeded/i;

export interface FailureFacts {
  readonly buildFolder: string;
  /** Aborted when the build was cancelled. */
  readonly cancelled: AbortSignal;
  readonly timedOut: boolean;
  readonly timeMs: number;
  /** The last of what the build printed. */
  readonly tail: string;
}

const isFull = async ({ buildFolder, tail }: Pick<FailureFacts, 'buildFolder' | 'tail'>, error: unknown) => {
  if (error instanceof Error && 'code' in error && error.code === 'ENOSPC') return true;
  const disk = await statfs(dirname(buildFolder)).catch(() => undefined);
  return fullDiskText.test(tail) || (disk !== undefined && disk.bavail * disk.bsize < fullDiskBytes);
};

const fullDisk = (cause: unknown): BuildFailed =>
  new BuildFailed(
    'disk_full',
    'The disk that this server builds on is full.\nFree some space, or ask who runs the server to do so; then push again.',
    { cause },
  );

/** An error while source was being written to a folder: the same, unless a full disk was behind it. */
export const explainUnpacking = async (error: unknown, buildFolder: string): Promise<unknown> => {
  if (error instanceof BuildFailed) return error;
  return (await isFull({ buildFolder, tail: String(error) }, error)) ? fullDisk(error) : error;
};

/** Finds what was behind an error during a build; undefined when it was Ravine's own fault. */
export const explainFailure = async (error: unknown, facts: FailureFacts): Promise<BuildFailed | undefined> => {
  if (facts.cancelled.aborted) return buildCancelled(facts.cancelled);
  if (facts.timedOut) return buildTimedOut(facts.timeMs, error);
  const couldBeDisk = !(error instanceof BuildFailed) || error.id === 'buildpack_failed';
  if (couldBeDisk && (await isFull(facts, error))) return fullDisk(error);
  return error instanceof BuildFailed ? error : undefined;
};
