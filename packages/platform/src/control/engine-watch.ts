import { setTimeout as sleep } from 'node:timers/promises';
import { BuildFailed } from '../build/build-failed.ts';
import type { DataFolder } from '../domain/data-folder.ts';
import type { Settings } from '../domain/settings.ts';
import { EngineUnavailable } from '../engine/engine-error.ts';
import { engineEndpoints } from '../engine/locate-engine.ts';
import { DriverUnavailable } from '../runtime/driver-error.ts';
import type { DockerDriver } from '../runtime/drivers/docker/docker-driver.ts';
import { rememberedDynos } from '../runtime/drivers/docker/remembered-dynos.ts';
import { LateDriver } from '../runtime/drivers/late-driver.ts';
import type { ContainerEngine } from './container-engine.ts';
import { engineAbsence } from './engine-absence.ts';
import type { ImageBuilder } from './make-images.ts';

const lookEveryMs = 1000;
/** The start of control waits no longer than this for an engine that doesn't answer. */
const firstLookMs = 5000;

export interface EngineWatchParts {
  readonly settings: Settings;
  readonly data: DataFolder;
  readonly onFault: (error: unknown) => void;
}

/**
 * The container engine of this machine, from the moment it first answers: at the start or at any time later. One that has
 * come stays the one; whether it answers each time is between it and who asks.
 */
export class EngineWatch implements AsyncDisposable {
  /** Runs dynos in containers once there is an engine, and remembers till then those that ran. */
  readonly driver: LateDriver;
  readonly #parts: EngineWatchParts;
  readonly #stopping = new AbortController();
  readonly #listeners = new Set<() => void>();
  #engine: ContainerEngine | undefined;
  #looking: Promise<void> = Promise.resolve();
  #missed = false;

  private constructor(parts: EngineWatchParts) {
    this.#parts = parts;
    this.driver = new LateDriver({
      name: 'docker',
      remembered: () => rememberedDynos(parts.data.containers),
      absence: engineAbsence(parts.settings),
    });
  }

  /** Looks once before it resolves, and goes on looking while there is none. */
  static async start(parts: EngineWatchParts): Promise<EngineWatch> {
    const watch = new EngineWatch(parts);
    if (parts.settings.engine === 'none') return watch;
    const first = watch.#look();
    watch.#looking = first.then(() => watch.#keepLooking());
    await Promise.race([first, sleep(firstLookMs, undefined, { ref: false })]);
    return watch;
  }

  get engine(): ContainerEngine | undefined {
    return this.#engine;
  }

  /** @throws BuildFailed while there is no engine. */
  imageBuilder(): ImageBuilder {
    if (this.#engine !== undefined) return this.#engine.imageBuilder;
    throw new BuildFailed('engine_unavailable', `${engineAbsence(this.#parts.settings)}\nThen push again.`);
  }

  /** As the Docker driver does. @throws DriverError while there is no engine. */
  runKept: DockerDriver['runKept'] = async (...args) => {
    if (this.#engine === undefined) throw new DriverUnavailable(engineAbsence(this.#parts.settings));
    return this.#engine.driver.runKept(...args);
  };

  /** Calls back when there is an engine, at once if there is. */
  onArrival(listener: () => void): void {
    if (this.#engine === undefined) this.#listeners.add(listener);
    else listener();
  }

  /** Lets go of the engine; what it runs runs on. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    await this.#looking;
    await this.driver[Symbol.asyncDispose]();
    await this.#engine?.[Symbol.asyncDispose]();
  }

  async #keepLooking(): Promise<void> {
    const { signal } = this.#stopping;
    while (this.#engine === undefined && !signal.aborted) {
      await sleep(lookEveryMs, undefined, { signal, ref: false }).catch(() => undefined);
      if (!signal.aborted) await this.#look();
    }
  }

  async #look(): Promise<void> {
    const { settings, data, onFault } = this.#parts;
    try {
      // What speaks to engines is loaded only where there may be one: it costs start-up time and memory.
      if (settings.engine === 'auto' && engineEndpoints(process.env).length === 0) return;
      const { openContainerEngine } = await import('./container-engine.ts');
      this.#engine = await openContainerEngine(settings, data, this.#stopping.signal);
    } catch (error) {
      if (this.#stopping.signal.aborted || this.#missed) return;
      // Once is enough; and on a machine without an engine nobody misses one.
      this.#missed = true;
      const wanted = settings.engine !== 'auto' || settings.driver === 'docker';
      if (wanted || !(error instanceof EngineUnavailable)) onFault(error);
      return;
    }
    this.driver.arrive(this.#engine.driver);
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }
}
