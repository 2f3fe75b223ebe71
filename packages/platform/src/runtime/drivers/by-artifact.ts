import type { Duplex } from 'node:stream';
import type { DynoId } from '../../domain/ids.ts';
import type { Artifact, Driver, DynoSpec, DynoStatus, DynoUsage, OutputChunk, Terminal } from '../driver.ts';
import { DriverError } from '../driver-error.ts';

/**
 * Several drivers as one: a dyno is started by the driver of its kind of artifact, and what is asked about it goes there.
 * A driver that can't list now (its engine is away) is taken to run what it ran when it last could, so that the dynos of
 * others go on being looked after.
 */
export class DriverByArtifact implements Driver {
  readonly name: Driver['name'];
  readonly #drivers: Readonly<Partial<Record<Artifact['kind'], Driver>>>;
  readonly #all: readonly Driver[];
  readonly #homes = new Map<DynoId, Driver>();
  readonly #lastLists = new Map<Driver, readonly DynoStatus[]>();
  readonly #onFault: (error: unknown) => void;

  /**
   * @param options.others start nothing, and look after the dynos that they started when they were asked to.
   * @param options.onFault told when a driver can't list.
   */
  constructor(
    drivers: Readonly<Partial<Record<Artifact['kind'], Driver>>>,
    { others = [], onFault }: { readonly others?: readonly Driver[]; readonly onFault: (error: unknown) => void },
  ) {
    this.#drivers = drivers;
    this.#all = [...new Set([...Object.values(drivers), ...others])];
    this.#onFault = onFault;
    this.name = this.#all[0]?.name ?? 'process';
  }

  async start(spec: DynoSpec, signal: AbortSignal): Promise<DynoStatus> {
    const driver = this.#of(spec);
    this.#homes.set(spec.id, driver);
    const status = await driver.start(spec, signal);
    this.#lastLists.set(driver, [...this.#lastWithout(driver, spec.id), status]);
    return status;
  }

  async list(): Promise<readonly DynoStatus[]> {
    return (await Promise.all(this.#all.map((driver) => this.#listOf(driver)))).flat();
  }

  onExit(listener: (id: DynoId) => void): () => void {
    const stops = this.#all.map((driver) => driver.onExit(listener));
    return () => {
      for (const stop of stops) stop();
    };
  }

  async kill(id: DynoId, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    for (const driver of this.#homesOf(id)) await driver.kill(id, signal);
  }

  async remove(id: DynoId): Promise<void> {
    for (const driver of this.#homesOf(id)) {
      await driver.remove(id);
      this.#lastLists.set(driver, this.#lastWithout(driver, id));
    }
    this.#homes.delete(id);
  }

  async *output(id: DynoId, position: string | undefined, signal: AbortSignal): AsyncGenerator<OutputChunk> {
    for (const driver of this.#homesOf(id)) yield* driver.output(id, position, signal);
  }

  async releaseOutput(id: DynoId, position: string): Promise<void> {
    for (const driver of this.#homesOf(id)) await driver.releaseOutput(id, position);
  }

  runAttached(spec: DynoSpec, stream: Duplex, terminal: Terminal | undefined, signal: AbortSignal): Promise<number> {
    const driver = this.#of(spec);
    this.#homes.set(spec.id, driver);
    return driver.runAttached(spec, stream, terminal, signal).finally(() => this.#homes.delete(spec.id));
  }

  async usage(): Promise<ReadonlyMap<DynoId, DynoUsage>> {
    const maps = await Promise.all(this.#all.map((driver) => driver.usage().catch(() => new Map<DynoId, DynoUsage>())));
    return new Map(maps.flatMap((map) => [...map]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#all.map((driver) => driver[Symbol.asyncDispose]()));
  }

  async #listOf(driver: Driver): Promise<readonly DynoStatus[]> {
    const before = new Set((this.#lastLists.get(driver) ?? []).map(({ id }) => id));
    try {
      const statuses = await driver.list();
      const listed = new Set(statuses.map(({ id }) => id));
      const since = (this.#lastLists.get(driver) ?? []).filter(({ id }) => !before.has(id) && !listed.has(id));
      this.#lastLists.set(driver, [...statuses, ...since]);
      for (const { id } of statuses) this.#homes.set(id, driver);
      return statuses;
    } catch (error) {
      this.#onFault(error);
      return this.#lastLists.get(driver) ?? [];
    }
  }

  /** The driver that has a dyno; all of them while that isn't known, since a driver leaves alone what it does not know. */
  #homesOf(id: DynoId): readonly Driver[] {
    const home = this.#homes.get(id);
    return home === undefined ? this.#all : [home];
  }

  #lastWithout(driver: Driver, id: DynoId): readonly DynoStatus[] {
    return (this.#lastLists.get(driver) ?? []).filter((status) => status.id !== id);
  }

  #of(spec: DynoSpec): Driver {
    const driver = this.#drivers[spec.artifact.kind];
    if (driver === undefined) {
      throw new DriverError(
        `Expected a container engine to run ${spec.name} from its image, and none answers. Start Ravine with one: the setting engine is none.`,
      );
    }
    return driver;
  }
}
