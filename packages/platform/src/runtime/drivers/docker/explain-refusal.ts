import { EngineError, EngineUnavailable, isMissing } from '../../../engine/engine-error.ts';
import type { DynoSpec } from '../../driver.ts';
import { DriverError, DriverUnavailable } from '../../driver-error.ts';

const fullDisk = /no space left on device/i;
const fullDiskText = "The container engine's disk is full; free space there.";

const explanations: readonly (readonly [RegExp, string])[] = [
  [/no such image/i, "The release's image is gone from the container engine; deploy the app again."],
  [
    /no command specified/i,
    'The image has no CMD and its process type no command; add CMD to the Dockerfile or the command to heroku.yml.',
  ],
  [
    /non-overlapping IPv4 address pool|no available network/i,
    'The container engine has no addresses left for one more app; give it larger ones with its setting default-address-pools.',
  ],
  [
    /container-init binary not found/i,
    'The container engine lacks an init for containers; install the package that brings it (for Podman, catatonit).',
  ],
  [fullDisk, fullDiskText],
];

/** What is said when the engine can't keep what a dyno wrote to its files. */
export const explainLoss = (error: unknown, { name }: DynoSpec): unknown => {
  if (error instanceof EngineUnavailable) return new DriverUnavailable(error.message, { cause: error });
  if (!(error instanceof EngineError)) return error;
  const reason = fullDisk.test(error.message) ? fullDiskText : `${error.message}; release again.`;
  return new DriverError(`What ${name} wrote to its files could not be kept: ${reason}`, { cause: error });
};

/** What the app's log says when the engine can't start a dyno. */
export const explainRefusal = (error: unknown, { name, artifact }: DynoSpec): unknown => {
  if (error instanceof EngineUnavailable) return new DriverUnavailable(error.message, { cause: error });
  if (!(error instanceof EngineError)) return error;
  if (artifact.kind === 'slug' && isMissing(error))
    return new DriverError(
      `The image that slugs run in is not in the container engine: ${error.message}; restart Ravine, which sees to it.`,
      { cause: error },
    );
  const known = explanations.find(([pattern]) => pattern.test(error.message))?.[1];
  return new DriverError(known ?? `The container engine could not start ${name}: ${error.message}`, { cause: error });
};
