import { buildCancelled } from '../build/build-cancelled.ts';
import { BuildFailed } from '../build/build-failed.ts';
import { ImageBuildFailed } from '../engine/build-image.ts';
import { EngineUnavailable } from '../engine/engine-error.ts';

export interface ImageFailureFacts {
  /** Aborted when the build was cancelled. */
  readonly cancelled: AbortSignal;
  readonly diskFull: boolean;
  /** What builds may use. */
  readonly memoryBytes: number;
  /** The last of what the build printed. */
  readonly tail: string;
}

const noSpace = /no space left on device/i;
/** Of a process that got SIGKILL. */
const killed = 137;

/** Finds what was behind the end of an image's build; undefined when it was Ravine's own fault. */
export const explainImageFailure = (error: unknown, facts: ImageFailureFacts): BuildFailed | undefined => {
  const cause = { cause: error };
  if (facts.cancelled.aborted) return buildCancelled(facts.cancelled);
  const failed = error instanceof ImageBuildFailed ? error : undefined;
  if (facts.diskFull || (failed !== undefined && noSpace.test(`${failed.message}\n${facts.tail}`))) {
    return new BuildFailed(
      'disk_full',
      'The disk that the container engine keeps images on is full.\nFree some space, or ask who runs the server to do so; then push again.',
      cause,
    );
  }
  if (error instanceof EngineUnavailable)
    return new BuildFailed('engine_unavailable', `${error.message}\nStart the engine, then push again.`, cause);
  if (failed === undefined) return undefined;
  if (failed.exitCode !== killed) return new BuildFailed('image_failed', failed.message, cause);
  const limit = `${Math.round(facts.memoryBytes / 1024 / 1024)} MB`;
  return new BuildFailed(
    'out_of_memory',
    `${failed.message}\nThe build needed more than its ${limit} of memory and was stopped.\nMake the build smaller, or raise the limit of builds on this server.`,
    cause,
  );
};
