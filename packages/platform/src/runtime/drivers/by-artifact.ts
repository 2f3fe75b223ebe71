import type { Duplex } from 'node:stream';
import type { DynoId } from '../../domain/ids.ts';
import type { Artifact, Driver, DynoSpec, DynoStatus, OutputChunk, Terminal } from '../driver.ts';
import { DriverError } from '../driver-error.ts';

/**
 * Several drivers as one: a dyno is started by the driver of its kind of artifact; calls about an id go to all,
 * since a driver leaves alone what it does not know.
 */
export class DriverByArtifact implements Driver {
  readonly name: Driver['name'];
  readonly #drivers: Readonly<Partial<Record<Artifact['kind'], Driver>>>;

  /** @param drivers the same driver may stand for both kinds. */
  constructor(drivers: Readonly<Partial<Record<Artifact['kind'], Driver>>>) {
    this.#drivers = drivers;
    this.name = this.#all()[0]?.name ?? 'process';
  }

  start(spec: DynoSpec, signal: AbortSignal): Promise<DynoStatus> {
    return this.#of(spec).start(spec, signal);
  }

  async list(): Promise<readonly DynoStatus[]> {
    return (await Promise.all(this.#all().map((driver) => driver.list()))).flat();
  }

  onExit(listener: (id: DynoId) => void): () => void {
    const stops = this.#all().map((driver) => driver.onExit(listener));
    return () => {
      for (const stop of stops) stop();
    };
  }

  async kill(id: DynoId, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await Promise.all(this.#all().map((driver) => driver.kill(id, signal)));
  }

  async remove(id: DynoId): Promise<void> {
    await Promise.all(this.#all().map((driver) => driver.remove(id)));
  }

  async *output(id: DynoId, position: string | undefined, signal: AbortSignal): AsyncGenerator<OutputChunk> {
    for (const driver of this.#all()) yield* driver.output(id, position, signal);
  }

  async releaseOutput(id: DynoId, position: string): Promise<void> {
    await Promise.all(this.#all().map((driver) => driver.releaseOutput(id, position)));
  }

  runAttached(spec: DynoSpec, stream: Duplex, terminal: Terminal | undefined, signal: AbortSignal): Promise<number> {
    return this.#of(spec).runAttached(spec, stream, terminal, signal);
  }

  async memory(): Promise<ReadonlyMap<DynoId, number>> {
    const maps = await Promise.all(this.#all().map((driver) => driver.memory()));
    return new Map(maps.flatMap((map) => [...map]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#all().map((driver) => driver[Symbol.asyncDispose]()));
  }

  #all(): readonly Driver[] {
    return [...new Set(Object.values(this.#drivers))];
  }

  #of(spec: DynoSpec): Driver {
    const driver = this.#drivers[spec.artifact.kind];
    if (driver === undefined) {
      throw new DriverError(
        `Expected a container engine to run ${spec.name} from its image, and none answers. Start Docker or Podman, then restart Ravine.`,
      );
    }
    return driver;
  }
}
