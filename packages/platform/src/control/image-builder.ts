import { randomUUID } from 'node:crypto';
import { buildImage } from '../engine/build-image.ts';
import type { Engine } from '../engine/engine.ts';
import { EngineDiskWatch, engineFolder } from '../engine/engine-disk.ts';
import { EngineUnavailable } from '../engine/engine-error.ts';
import { inspectImage } from '../engine/images.ts';
import type { BuildLimits } from '../engine/limit-builds.ts';
import { endOrphanedBuilds } from '../engine/orphaned-builds.ts';
import { packContext } from '../engine/pack-context.ts';
import { platformLabels } from '../runtime/drivers/docker/dyno-labels.ts';
import { explainImageFailure } from './explain-image-failure.ts';
import type { BuildImage } from './make-images.ts';
import { tellFailure } from './tell-failure.ts';

/** Enough to hold why the last step failed. */
const tailChars = 4096;

/** Builds images of this platform on its engine; `onEnd` is called after each, however it ended. */
export const imageBuilder = (
  engine: Engine,
  platform: string,
  limits: BuildLimits,
  onEnd: (end: { diskFull: boolean }) => void,
): BuildImage => {
  // Asked for once, since the engine runs other programs to answer; again when it has gone away meanwhile.
  let asked: Promise<string | undefined> | undefined;
  return async ({ context, dockerfile, target, buildArgs, output, signal }) => {
    let tail = '';
    asked ??= engineFolder(engine);
    const folder = await asked.catch(() => undefined);
    using disk = folder === undefined ? undefined : await EngineDiskWatch.start(folder);
    const packed = packContext(context, dockerfile);
    try {
      const image = await buildImage(
        engine,
        {
          context: disk?.metered(packed) ?? packed,
          dockerfile,
          ...(target === undefined ? {} : { target }),
          buildArgs,
          labels: platformLabels(platform),
          tag: `ravine-${platform}:${randomUUID()}`,
          limits,
        },
        (text) => {
          tail = (tail + text).slice(-tailChars);
          output.write(text);
        },
        disk === undefined ? signal : AbortSignal.any([signal, disk.signal]),
      );
      return { image, sizeBytes: (await inspectImage(engine, image))?.Size ?? 0 };
    } catch (error) {
      if (error instanceof EngineUnavailable) {
        asked = undefined;
        await endOrphanedBuilds();
      }
      const failed = explainImageFailure(error, {
        cancelled: signal,
        diskFull: disk?.signal.aborted === true,
        memoryBytes: limits.memoryBytes,
        tail,
      });
      if (failed === undefined) throw error;
      throw tellFailure(output, failed);
    } finally {
      onEnd({ diskFull: disk?.signal.aborted === true });
    }
  };
};
