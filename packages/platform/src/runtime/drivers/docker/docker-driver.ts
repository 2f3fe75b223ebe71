import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import type { DynoId } from '../../../domain/ids.ts';
import { watchContainers } from '../../../engine/container-events.ts';
import {
  containerUsage,
  createContainer,
  inspectContainer,
  killContainer,
  listContainers,
  removeContainer,
  startContainer,
} from '../../../engine/containers.ts';
import type { Engine } from '../../../engine/engine.ts';
import { isConflict, isMissing } from '../../../engine/engine-error.ts';
import { commitLayer, inspectImage } from '../../../engine/images.ts';
import type { Driver, DynoSpec, DynoStatus, DynoUsage, OutputChunk, Terminal } from '../../driver.ts';
import { DriverError } from '../../driver-error.ts';
import { isRoot, makeDynoFolder } from '../process/dyno-folder.ts';
import { AppNetworks } from './app-networks.ts';
import { runAttachedContainer, signalContainer } from './attached-container.ts';
import { readContainerOutput } from './container-output.ts';
import { ContainerStatuses } from './container-statuses.ts';
import { containerSpec, type DynoContainer, dynoEnvironment } from './dyno-container.ts';
import { containerName, type DynoLabels, platformLabels, readLabels } from './dyno-labels.ts';
import { explainLoss, explainRefusal } from './explain-refusal.ts';
import { dockerHostName, type HostPorts, podmanHostName } from './host-addresses.ts';
import { isOwnerAlive, ownProcess } from './owner.ts';
import { rememberDyno } from './remembered-dynos.ts';
import { shellAssignments } from './shell-assignments.ts';

export interface DockerDriverOptions {
  readonly engine: Engine;
  /** Names the platform among others that use this engine; letters and digits, the same after each restart. */
  readonly platform: string;
  /** Holds a copy of the slug for each dyno that has one; made when absent. The engine must see it at the same path. */
  readonly folder: string;
  /** The image that slugs run in: glibc, bash, and what slugs of this machine need of its system. */
  readonly stackImage: string;
  /** Folders of this machine that slugs need at the same path, such as interpreters; read-only. */
  readonly sharedFolders?: readonly string[];
  /** Ports on this machine's localhost where add-ons listen. */
  readonly hostPorts?: readonly HostPorts[];
  /**
   * How dynos are reached: at their own addresses on the engine's bridge, unless told that they aren't, as with an engine in
   * a machine or a network of its own; then at ports published on localhost. Dynos stay reached as they were started.
   */
  readonly reach?: 'bridge' | 'loopback';
  /** Whether the engine runs as an ordinary user, us. */
  readonly rootless?: boolean;
  /** Time that an attached dyno has between SIGHUP and SIGKILL after its stream has closed. */
  readonly hangupGraceMs?: number;
}

/** Runs dynos as containers; the engine is its only memory. */
export class DockerDriver implements Driver {
  readonly name = 'docker';
  readonly #options: DockerDriverOptions;
  readonly #engine: Engine;
  readonly #networks: AppNetworks;
  readonly #statuses: ContainerStatuses;
  readonly #listeners = new Set<(id: DynoId) => void>();
  readonly #starting = new Map<DynoId, Promise<DynoStatus>>();
  /** Attached dynos of this process. */
  readonly #bound = new Set<DynoId>();
  readonly #closing = new AbortController();
  #watching: Promise<void> = Promise.resolve();

  private constructor(options: DockerDriverOptions) {
    this.#options = options;
    this.#engine = options.engine;
    this.#networks = new AppNetworks(options.engine, options.platform);
    this.#statuses = new ContainerStatuses(options.engine, options.platform);
  }

  /**
   * Adopts the dynos it finds, and removes those that were attached to a process that is gone.
   * @throws EngineUnavailable when the engine doesn't answer.
   */
  static async open(options: DockerDriverOptions): Promise<DockerDriver> {
    await mkdir(options.folder, { recursive: true, mode: isRoot ? 0o711 : 0o700 });
    const driver = new DockerDriver(options);
    await driver.#adopt();
    driver.#watching = driver.#watch();
    return driver;
  }

  async start(spec: DynoSpec, signal: AbortSignal): Promise<DynoStatus> {
    const underWay = this.#starting.get(spec.id);
    if (underWay !== undefined) return underWay;
    const start = this.#start(spec, signal).finally(() => this.#starting.delete(spec.id));
    this.#starting.set(spec.id, start);
    return start;
  }

  list(): Promise<readonly DynoStatus[]> {
    return this.#statuses.list();
  }

  onExit(listener: (id: DynoId) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async kill(id: DynoId, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await signalContainer(this.#engine, containerName(id), signal);
  }

  async remove(id: DynoId): Promise<void> {
    const found = await inspectContainer(this.#engine, containerName(id));
    if (found === undefined || found.State.Running) return;
    const labels = readLabels(found.Config.Labels ?? {});
    await this.#discard(id);
    if (labels !== undefined) await this.#networks.release(labels.appId);
  }

  output(id: DynoId, position: string | undefined, signal: AbortSignal): AsyncIterable<OutputChunk> {
    return readContainerOutput(this.#engine, containerName(id), position, signal);
  }

  /** The engine bounds its logs by itself. */
  async releaseOutput(): Promise<void> {}

  async runAttached(
    spec: DynoSpec,
    stream: Duplex,
    terminal: Terminal | undefined,
    signal: AbortSignal,
  ): Promise<number> {
    return this.#runBound({ spec, terminal }, { stream, signal }, async (exitCode) => exitCode);
  }

  /**
   * Runs a dyno from an image as `runAttached` does, without input, and keeps what it wrote to its files when it ends
   * with status 0: `image` is then the id of an image with one layer more and a name that
   * keeps it from being pruned, or of the spec's own when it wrote nothing.
   * @throws DriverError when it can't be started, from a slug, or when its files can't be kept.
   */
  async runKept(
    spec: DynoSpec,
    stream: Duplex,
    signal: AbortSignal,
  ): Promise<{ readonly exitCode: number; readonly image: string }> {
    const { artifact } = spec;
    if (artifact.kind !== 'image') throw new DriverError(`Expected ${spec.name} to run from an image, got a slug.`);
    return this.#runBound({ spec, envByStdin: true }, { stream, signal }, async (exitCode, container) => {
      if (exitCode !== 0) return { exitCode, image: artifact.image };
      const name = `ravine-${this.#options.platform}:${spec.id}`;
      const kept = await commitLayer(this.#engine, container, artifact.image, name).catch((error: unknown) => {
        throw explainLoss(error, spec);
      });
      return { exitCode, image: kept ?? artifact.image };
    });
  }

  async usage(): Promise<ReadonlyMap<DynoId, DynoUsage>> {
    const running = (await this.list()).filter(({ state }) => state.kind === 'running');
    const measured = await Promise.all(
      running.map(async ({ id }) => [id, await containerUsage(this.#engine, containerName(id))] as const),
    );
    return new Map(measured.filter((entry): entry is readonly [DynoId, DynoUsage] => entry[1] !== undefined));
  }

  /** Lets go of the dynos; they run on. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    this.#listeners.clear();
    await this.#watching;
  }

  async #start(spec: DynoSpec, signal: AbortSignal): Promise<DynoStatus> {
    try {
      const known = (await this.list()).find(({ id }) => id === spec.id);
      if (known !== undefined) return known;
      await this.#create({ spec }, signal);
      signal.throwIfAborted();
      await this.#launch(spec);
      const status = await this.#statuses.look(spec.id);
      await rememberDyno(this.#options.folder, status);
      return status;
    } catch (error) {
      await this.#discard(spec.id).catch(() => undefined);
      await this.#networks.release(spec.appId).catch(() => undefined);
      throw signal.aborted ? error : explainRefusal(error, spec);
    }
  }

  /** Another dyno of the app may have taken the network with it in the meantime. */
  async #launch(spec: DynoSpec): Promise<void> {
    try {
      await startContainer(this.#engine, containerName(spec.id));
    } catch (error) {
      if (!isMissing(error)) throw error;
      await this.#networks.ensure(spec.appId);
      await startContainer(this.#engine, containerName(spec.id));
    }
  }

  /** Makes the container; one of that name that was never started is what a killed process left. */
  async #create(
    how: Pick<DynoContainer, 'spec' | 'owner' | 'terminal' | 'envByStdin'>,
    signal: AbortSignal,
  ): Promise<DynoContainer> {
    const { spec } = how;
    const container = await this.#containerOf(how, signal);
    await this.#networks.ensure(spec.appId);
    const create = (): Promise<string> =>
      createContainer(this.#engine, containerName(spec.id), containerSpec(container));
    try {
      await create();
    } catch (error) {
      if (!isConflict(error)) throw error;
      await removeContainer(this.#engine, containerName(spec.id));
      await create();
    }
    return container;
  }

  async #containerOf(
    how: Pick<DynoContainer, 'spec' | 'owner' | 'terminal' | 'envByStdin'>,
    signal: AbortSignal,
  ): Promise<DynoContainer> {
    const { platform, sharedFolders = [], hostPorts = [], stackImage, folder, rootless = false } = this.#options;
    const { spec } = how;
    const published = this.#options.reach === 'loopback';
    const hostName = this.#engine.version.isPodman ? podmanHostName : dockerHostName;
    const rest = { ...how, platform, sharedFolders, hostPorts, hostName, published, rootless };
    if (spec.artifact.kind === 'image') {
      const image = await inspectImage(this.#engine, spec.artifact.image);
      if (image === undefined)
        throw new DriverError(
          `Expected image ${spec.artifact.image} in the container engine, but it is gone; deploy the app again.`,
        );
      return { ...rest, image: image.Id };
    }
    await makeDynoFolder(join(folder, spec.id), spec.artifact.folder, spec.uid, signal);
    return { ...rest, image: stackImage, slugCopy: join(folder, spec.id, 'app') };
  }

  async #runBound<Result>(
    how: Pick<DynoContainer, 'spec' | 'terminal' | 'envByStdin'>,
    bound: { readonly stream: Duplex; readonly signal: AbortSignal },
    end: (exitCode: number, container: string) => Promise<Result>,
  ): Promise<Result> {
    const { spec, terminal, envByStdin } = how;
    const container = containerName(spec.id);
    this.#bound.add(spec.id);
    try {
      const made = await this.#create({ ...how, owner: ownProcess() }, new AbortController().signal);
      const exitCode = await runAttachedContainer({
        ...bound,
        engine: this.#engine,
        container,
        ensureNetwork: () => this.#networks.ensure(spec.appId),
        terminal,
        graceMs: this.#options.hangupGraceMs ?? 5000,
        ...(envByStdin === true ? { input: shellAssignments(dynoEnvironment(made)) } : {}),
      });
      return await end(exitCode, container);
    } catch (error) {
      throw bound.signal.aborted ? error : explainRefusal(error, spec);
    } finally {
      this.#bound.delete(spec.id);
      // What stays since the engine is away goes when it is back.
      await this.#discard(spec.id).catch(() => undefined);
      await this.#networks.release(spec.appId).catch(() => undefined);
    }
  }

  async #discard(id: DynoId): Promise<void> {
    await removeContainer(this.#engine, containerName(id));
    this.#statuses.forget(id);
    await rm(join(this.#options.folder, id), { recursive: true, force: true });
  }

  /** Removes what a killed process left, and what nobody could remove while the engine was away; adopts the rest. */
  async #adopt(): Promise<void> {
    await this.#removeOrphans();
    const kept = new Set<string>((await this.#containers()).map(({ labels }) => labels.id));
    for (const name of await readdir(this.#options.folder)) {
      if (!kept.has(name)) await rm(join(this.#options.folder, name), { recursive: true, force: true });
    }
    for (const status of await this.list()) await rememberDyno(this.#options.folder, status);
  }

  /** Containers that never ran or lost whom they were attached to, and networks without containers. */
  async #removeOrphans(): Promise<void> {
    for (const { id, state, labels } of await this.#containers()) {
      if (labels.owner === undefined) {
        // Not by force: one that was on its way may run by now.
        if (state === 'created' && !this.#starting.has(labels.id)) await removeContainer(this.#engine, id, false);
      } else if (!isOwnerAlive(labels.owner) || (labels.owner === ownProcess() && !this.#bound.has(labels.id)))
        await removeContainer(this.#engine, id);
    }
    await this.#networks.sweep();
  }

  async #containers(): Promise<
    readonly { readonly id: string; readonly state: string; readonly labels: DynoLabels }[]
  > {
    const listed = await listContainers(this.#engine, platformLabels(this.#options.platform));
    return listed.flatMap(({ Id, State, Labels }) => {
      const labels = readLabels(Labels);
      return labels === undefined ? [] : [{ id: Id, state: State, labels }];
    });
  }

  async #tellExited(tell: (id: DynoId) => void): Promise<void> {
    for (const { id, state } of await this.list()) if (state.kind === 'exited') tell(id);
  }

  async #watch(): Promise<void> {
    const { platform } = this.#options;
    const tell = (id: DynoId): void => {
      for (const listener of this.#listeners) listener(id);
    };
    const look = async (id: DynoId): Promise<void> => {
      await this.#statuses.look(id).catch(() => undefined);
      tell(id);
    };
    await watchContainers(
      this.#engine,
      `ravine.platform=${platform}`,
      {
        connected: () => {
          this.#tellExited(tell).catch(() => undefined);
          this.#removeOrphans().catch(() => undefined);
        },
        event: ({ id, action, labels }) => {
          const dyno = readLabels(labels);
          if (dyno === undefined) return;
          // Where the kernel killed only a part, the whole dyno goes.
          if (action === 'oom') killContainer(this.#engine, id, 'SIGKILL').catch(() => undefined);
          else if (dyno.owner === undefined) void look(dyno.id);
        },
      },
      this.#closing.signal,
    );
  }
}
