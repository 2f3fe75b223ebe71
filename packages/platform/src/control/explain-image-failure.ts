import { buildCancelled } from '../build/build-cancelled.ts';
import { BuildFailed } from '../build/build-failed.ts';
import { buildTimedOut } from '../build/build-timed-out.ts';
import { ImageBuildFailed } from '../engine/build-image.ts';
import { EngineUnavailable } from '../engine/engine-error.ts';
import type { BuildTime } from './make-images.ts';

export interface ImageFailureFacts {
  /** Aborted when the build was cancelled. */
  readonly cancelled: AbortSignal;
  readonly time: BuildTime;
  readonly diskFull: boolean;
  /** What the engine holds builds to; undefined when it can't. */
  readonly memoryBytes: number | undefined;
  /** The last of what the build printed. */
  readonly tail: string;
}

const noSpace = /no space left on device/i;
/** Of a process that got SIGKILL. */
const killed = 137;

/** A build that the engine was not there for. */
export const engineGone = (cause: EngineUnavailable): BuildFailed =>
  new BuildFailed('engine_unavailable', `${cause.message}\nStart the engine, then push again.`, { cause });

/** Finds what was behind the end of an image's build; undefined when it was Ravine's own fault. */
export const explainImageFailure = (error: unknown, facts: ImageFailureFacts): BuildFailed | undefined => {
  const cause = { cause: error };
  if (facts.cancelled.aborted) return buildCancelled(facts.cancelled);
  if (facts.time.over.aborted) return buildTimedOut(facts.time.limitMs, error);
  const failed = error instanceof ImageBuildFailed ? error : undefined;
  if (facts.diskFull || (failed !== undefined && noSpace.test(`${failed.message}\n${facts.tail}`))) {
    return new BuildFailed(
      'disk_full',
      'The disk that the container engine keeps images on is full.\nFree some space, or ask who runs the server to do so; then push again.',
      cause,
    );
  }
  if (error instanceof EngineUnavailable) return engineGone(error);
  if (failed === undefined) return undefined;
  if (failed.exitCode !== killed) return new BuildFailed('image_failed', failed.message, cause);
  if (facts.memoryBytes === undefined) {
    return new BuildFailed(
      'image_failed',
      `${failed.message}\nIt was killed by SIGKILL, as a machine does whose memory is full; this engine holds builds to no limit of their own.\nMake the build smaller, or give the machine more memory.`,
      cause,
    );
  }
  const limit = `${Math.round(facts.memoryBytes / 1024 / 1024)} MB`;
  return new BuildFailed(
    'out_of_memory',
    `${failed.message}\nThe build needed more than its ${limit} of memory and was stopped.\nMake the build smaller, or raise the limit of builds on this server.`,
    cause,
  );
};
