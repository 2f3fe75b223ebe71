import { EventEmitter, once } from 'node:events';
import type { Duplex } from 'node:stream';
import type { DynoId } from '../../domain/ids.ts';
import type { Driver, DynoSpec, DynoStatus, DynoUsage, OutputChunk, Terminal } from '../driver.ts';
import { DriverUnavailable } from '../driver-error.ts';

export interface LateDriverOptions {
  readonly name: Driver['name'];
  /** The dynos that ran when the driver was last there, as far as that is kept: they are taken to run still. */
  readonly remembered: () => Promise<readonly DynoStatus[]>;
  /** Why the driver isn't there, and what to do about it. */
  readonly absence: string;
}

/**
 * A driver that may come at any time. Before it does, dynos can't be started or stopped, and those that ran count as
 * running, so that nobody starts them a second time; from then on it is that driver.
 */
export class LateDriver implements Driver {
  readonly name: Driver['name'];
  readonly #options: LateDriverOptions;
  readonly #arrivals = new EventEmitter().setMaxListeners(0);
  readonly #listeners = new Map<(id: DynoId) => void, () => void>();
  #driver: Driver | undefined;

  constructor(options: LateDriverOptions) {
    this.#options = options;
    this.name = options.name;
  }

  /** The driver is there now; it is the caller's to dispose of. */
  arrive(driver: Driver): void {
    this.#driver = driver;
    for (const listener of this.#listeners.keys()) this.#listeners.set(listener, driver.onExit(listener));
    this.#arrivals.emit('arrived');
  }

  start(spec: DynoSpec, signal: AbortSignal): Promise<DynoStatus> {
    return this.#here(async (driver) => driver.start(spec, signal));
  }

  list(): Promise<readonly DynoStatus[]> {
    return this.#driver === undefined ? this.#options.remembered() : this.#driver.list();
  }

  onExit(listener: (id: DynoId) => void): () => void {
    this.#listeners.set(listener, this.#driver?.onExit(listener) ?? (() => undefined));
    return () => {
      this.#listeners.get(listener)?.();
      this.#listeners.delete(listener);
    };
  }

  kill(id: DynoId, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    return this.#here((driver) => driver.kill(id, signal));
  }

  remove(id: DynoId): Promise<void> {
    return this.#here((driver) => driver.remove(id));
  }

  async *output(id: DynoId, position: string | undefined, signal: AbortSignal): AsyncGenerator<OutputChunk> {
    while (this.#driver === undefined && !signal.aborted)
      await once(this.#arrivals, 'arrived', { signal }).catch(() => undefined);
    if (this.#driver !== undefined) yield* this.#driver.output(id, position, signal);
  }

  releaseOutput(id: DynoId, position: string): Promise<void> {
    return this.#here((driver) => driver.releaseOutput(id, position));
  }

  runAttached(spec: DynoSpec, stream: Duplex, terminal: Terminal | undefined, signal: AbortSignal): Promise<number> {
    return this.#here((driver) => driver.runAttached(spec, stream, terminal, signal));
  }

  async usage(): Promise<ReadonlyMap<DynoId, DynoUsage>> {
    return this.#driver === undefined ? new Map() : this.#driver.usage();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stop of this.#listeners.values()) stop();
    this.#listeners.clear();
  }

  /** @throws DriverUnavailable while the driver isn't there. */
  async #here<Result>(act: (driver: Driver) => Promise<Result>): Promise<Result> {
    if (this.#driver === undefined) throw new DriverUnavailable(this.#options.absence);
    return act(this.#driver);
  }
}
