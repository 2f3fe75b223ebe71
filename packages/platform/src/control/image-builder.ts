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
import { engineGone, explainImageFailure } from './explain-image-failure.ts';
import type { ImageBuilder } from './make-images.ts';
import { tellFailure } from './tell-failure.ts';

/** Enough to hold why the last step failed. */
const tailChars = 4096;

export interface ImageBuilderOptions {
  readonly engine: Engine;
  readonly platform: string;
  readonly limits: BuildLimits;
  /** Whether the engine holds builds to them. */
  readonly limited: boolean;
  /** Called after each build, however it ended. */
  readonly onEnd: (end: { readonly startedAt: Date; readonly diskFull: boolean }) => void;
}

/** Builds images of this platform on its engine. */
export const imageBuilder = ({ engine, platform, limits, limited, onEnd }: ImageBuilderOptions): ImageBuilder => {
  // Asked for once, since the engine runs other programs to answer; again when it has gone away meanwhile.
  let asked: Promise<string | undefined> | undefined;
  const build: ImageBuilder['build'] = async ({ context, dockerfile, target, buildArgs, output, signal, time }) => {
    const startedAt = new Date();
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
        AbortSignal.any([signal, time.over, ...(disk === undefined ? [] : [disk.signal])]),
      );
      return { image, sizeBytes: (await inspectImage(engine, image))?.Size ?? 0 };
    } catch (error) {
      if (error instanceof EngineUnavailable) {
        asked = undefined;
        await endOrphanedBuilds();
      }
      const failed = explainImageFailure(error, {
        cancelled: signal,
        time,
        diskFull: disk?.signal.aborted === true,
        memoryBytes: limited ? limits.memoryBytes : undefined,
        tail,
      });
      if (failed === undefined) throw error;
      throw tellFailure(output, failed);
    } finally {
      onEnd({ startedAt, diskFull: disk?.signal.aborted === true });
    }
  };
  return {
    build,
    async hasAll(images) {
      try {
        const ids = [...new Set(Object.values(images))];
        const found = await Promise.all(ids.map((image) => inspectImage(engine, image)));
        return found.every((image) => image !== undefined);
      } catch (error) {
        throw error instanceof EngineUnavailable ? engineGone(error) : error;
      }
    },
  };
};
