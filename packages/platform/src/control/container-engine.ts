import { createHash, randomUUID } from 'node:crypto';
import type { Writable } from 'node:stream';
import type { BuildErrorId } from '../build/build-errors.data.ts';
import { BuildFailed } from '../build/build-failed.ts';
import type { DataFolder } from '../domain/data-folder.ts';
import type { Settings } from '../domain/settings.ts';
import { buildImage, ImageBuildFailed } from '../engine/build-image.ts';
import { connectEngine } from '../engine/connect-engine.ts';
import { containerReach } from '../engine/container-reach.ts';
import type { Engine } from '../engine/engine.ts';
import { EngineUnavailable } from '../engine/engine-error.ts';
import { collectImages, inspectImage } from '../engine/images.ts';
import { limitBuilds } from '../engine/limit-builds.ts';
import { packContext } from '../engine/pack-context.ts';
import { DockerDriver } from '../runtime/drivers/docker/docker-driver.ts';
import { platformLabels } from '../runtime/drivers/docker/dyno-labels.ts';
import type { BuildImage } from './make-images.ts';

/** Builds yield to what serves. */
const lowShares = 128;

/** What the container stack runs on. */
export interface ContainerEngine extends AsyncDisposable {
  /** `20.10.24`. */
  readonly version: string;
  readonly driver: DockerDriver;
  readonly buildImage: BuildImage;
  /** Removes images of this platform that are not in `keep`. */
  collectImages(keep: ReadonlySet<string>): Promise<void>;
  /** This machine's address as containers reach it, where that is not localhost. */
  readonly gateway: string | undefined;
}

/** Builds images of this platform on its engine. */
const imageBuilder =
  (
    engine: Engine,
    platform: string,
    limits: { readonly memoryBytes: number; readonly cpuShares: number },
  ): BuildImage =>
  async ({ context, dockerfile, target, buildArgs, output, signal }) => {
    const labels = platformLabels(platform);
    const tag = `ravine-${platform}:${randomUUID()}`;
    try {
      const image = await buildImage(
        engine,
        {
          context: packContext(context, dockerfile),
          dockerfile,
          ...(target === undefined ? {} : { target }),
          buildArgs,
          labels,
          tag,
          limits,
        },
        (text) => output.write(text),
        signal,
      );
      return { image, sizeBytes: (await inspectImage(engine, image))?.Size ?? 0 };
    } catch (error) {
      throw buildFailureOf(error, signal, output);
    }
  };

/** The build's own failure, told to the pusher; anything else as it is. */
const buildFailureOf = (error: unknown, signal: AbortSignal, output: Writable): unknown => {
  const failed = (id: BuildErrorId, message: string): BuildFailed => {
    output.write(`\n${message.replaceAll(/^/gm, ' !     ')}\n !\n !     Push failed\n\n`);
    return new BuildFailed(id, message, { cause: error });
  };
  if (signal.aborted) return failed('build_cancelled', 'The build was cancelled.');
  if (error instanceof EngineUnavailable)
    return failed('engine_unavailable', `${error.message}\nStart the engine, then push again.`);
  if (!(error instanceof ImageBuildFailed)) return error;
  if (/no space left on device/i.test(error.message)) return failed('disk_full', error.message);
  return error.exitCode === 137 ? failed('out_of_memory', error.message) : failed('image_failed', error.message);
};

/**
 * The Docker Engine or Podman of this machine.
 * @throws EngineUnavailable when none answers.
 */
export const openContainerEngine = async (
  settings: Settings,
  data: DataFolder,
  signal?: AbortSignal,
): Promise<ContainerEngine> => {
  const named = settings.engine === 'auto' ? {} : { host: settings.engine };
  const engine = await connectEngine({ ...named, ...(signal && { signal }) });
  const limits = { memoryBytes: settings.buildMemoryMb * 1024 * 1024, cpuShares: lowShares };
  const reach = await containerReach(engine);
  await limitBuilds(engine, limits);
  const platform = createHash('sha256').update(data.root).digest('hex').slice(0, 12);
  const driver = await DockerDriver.open({
    engine,
    platform,
    folder: data.containers,
    stackImage: settings.stackImage,
    reach: reach.kind,
    rootless: reach.kind === 'loopback' && reach.rootless,
    sharedFolders: [data.runtimes],
    hostPorts: [{ from: settings.databasePorts.first, to: settings.databasePorts.last }],
  });
  return {
    version: engine.version.version,
    driver,
    buildImage: imageBuilder(engine, platform, limits),
    async collectImages(keep) {
      await collectImages(engine, platformLabels(platform), keep);
    },
    gateway: reach.kind === 'bridge' ? reach.gateway : undefined,
    async [Symbol.asyncDispose]() {
      await driver[Symbol.asyncDispose]();
      engine[Symbol.dispose]();
    },
  };
};
