import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataFolder } from '../domain/data-folder.ts';
import type { Settings } from '../domain/settings.ts';
import { BuildContexts } from '../engine/build-contexts.ts';
import { connectEngine } from '../engine/connect-engine.ts';
import { containerReach } from '../engine/container-reach.ts';
import { collectImages, dropImage } from '../engine/images.ts';
import { limitBuilds } from '../engine/limit-builds.ts';
import { networkGateways } from '../engine/networks.ts';
import { endOrphanedBuilds } from '../engine/orphaned-builds.ts';
import { DockerDriver } from '../runtime/drivers/docker/docker-driver.ts';
import { platformLabels } from '../runtime/drivers/docker/dyno-labels.ts';
import { imageBuilder } from './image-builder.ts';
import type { ImageBuilder } from './make-images.ts';

/** Builds yield to what serves. */
const lowShares = 128;
const contextLookMs = 1000;

/** What the container stack runs on. */
export interface ContainerEngine extends AsyncDisposable {
  /** `20.10.24`. */
  readonly version: string;
  readonly driver: DockerDriver;
  readonly imageBuilder: ImageBuilder;
  /** Removes images of this platform that are not in `keep`. */
  collectImages(keep: ReadonlySet<string>): Promise<void>;
  /** Removes these images of this platform, but for those that containers use. */
  removeImages(images: ReadonlySet<string>): Promise<void>;
  /** This machine's address as containers reach it, where that is not localhost. */
  readonly gateway: string | undefined;
  /** All of them, `gateway` or one for each network. */
  gateways(): Promise<readonly string[]>;
}

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
  const gateway = reach.kind === 'bridge' ? reach.gateway : undefined;
  const limited = await limitBuilds(engine, limits);
  await endOrphanedBuilds();
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
  const contexts = new BuildContexts(engine);
  /** The engine lets go of the context of a build that was broken off only after a while. */
  const removeContextsSoon = async (): Promise<void> => {
    for (let looks = 0; looks < 5; looks += 1) {
      await sleep(contextLookMs, undefined, { ref: false });
      await contexts.removeSpent();
    }
  };
  return {
    version: engine.version.version,
    driver,
    imageBuilder: imageBuilder({
      engine,
      platform,
      limits,
      limited,
      onEnd: ({ startedAt, diskFull }) => {
        contexts.note(startedAt);
        // Else in quieter moments: the list of them costs the engine some work.
        if (diskFull) void removeContextsSoon().catch(() => undefined);
      },
    }),
    async collectImages(keep) {
      await collectImages(engine, platformLabels(platform), keep);
      await contexts.removeSpent();
    },
    async removeImages(images) {
      for (const image of images) await dropImage(engine, image);
    },
    gateway,
    async gateways() {
      if (reach.kind === 'loopback') return [];
      return gateway === undefined ? networkGateways(engine, platformLabels(platform)) : [gateway];
    },
    async [Symbol.asyncDispose]() {
      await driver[Symbol.asyncDispose]();
      engine[Symbol.dispose]();
    },
  };
};
