import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import type { DynoId } from '../../../domain/ids.ts';
import type { Driver, DynoSpec, DynoStatus, DynoUsage, OutputChunk, Terminal } from '../../driver.ts';
import { DriverError } from '../../driver-error.ts';
import { runPiped } from './attach-pipes.ts';
import { runInTerminal } from './attach-terminal.ts';
import { checkReachable, isRoot, makeDynoFolder } from './dyno-folder.ts';
import { isAlive, readRecord } from './dyno-record.ts';
import { findLimits, type Limits } from './limits.ts';
import { OutputReleaser, readOutput } from './output-file.ts';
import { defaultPortRange, PortAllocator, type PortRange } from './port-allocator.ts';
import { ProcessDyno } from './process-dyno.ts';
import { type ProcessEntry, readProcessTable } from './process-table.ts';
import { makeShimFiles, type ShimFiles } from './shim-files.ts';
import { type Launch, spawnShim } from './spawn-shim.ts';

/** A shim killed with -9 leaves no word; this often its pid is looked at. */
const pidCheckMs = 500;
/** How often memory is summed up where no control group does it, in pid checks. */
const memoryEvery = 4;

export interface ProcessDriverOptions {
  /** Holds a folder per dyno; made when absent. */
  readonly folder: string;
  readonly ports?: PortRange;
  /** Time that an attached dyno has between SIGHUP and SIGKILL after its stream has closed. */
  readonly hangupGraceMs?: number;
  readonly limits?: Limits;
}

/** Runs dynos as plain processes of this machine; a dyno is a folder, and `list` is what the folders say. */
export class ProcessDriver implements Driver {
  readonly name = 'process';
  readonly #folder: string;
  readonly #files: ShimFiles;
  readonly #limits: Limits;
  readonly #ports: PortAllocator;
  readonly #releaser: OutputReleaser;
  readonly #hangupGraceMs: number;
  readonly #dynos = new Map<DynoId, ProcessDyno>();
  readonly #starting = new Map<DynoId, Promise<DynoStatus>>();
  readonly #listeners = new Set<(id: DynoId) => void>();
  readonly #timer: NodeJS.Timeout;
  #checks = 0;

  private constructor(options: ProcessDriverOptions, files: ShimFiles, limits: Limits) {
    this.#folder = options.folder;
    this.#files = files;
    this.#limits = limits;
    this.#ports = new PortAllocator(options.ports ?? defaultPortRange);
    this.#releaser = new OutputReleaser(options.folder);
    this.#hangupGraceMs = options.hangupGraceMs ?? 5000;
    this.#timer = setInterval(() => this.#check(), pidCheckMs).unref();
  }

  /**
   * Adopts the dynos it finds, and kills those that were attached to a process that is gone.
   * @throws DriverError when the system lacks what dynos need.
   */
  static async open(options: ProcessDriverOptions): Promise<ProcessDriver> {
    await mkdir(options.folder, { recursive: true, mode: isRoot ? 0o711 : 0o700 });
    await checkReachable(options.folder);
    const limits = options.limits ?? (await findLimits());
    const driver = new ProcessDriver(options, await makeShimFiles(options.folder), limits);
    await driver.#adopt();
    return driver;
  }

  /** How dynos are held to their size here. */
  get limits(): Limits['kind'] {
    return this.#limits.kind;
  }

  async start(spec: DynoSpec, signal: AbortSignal): Promise<DynoStatus> {
    const known = this.#dynos.get(spec.id);
    if (known !== undefined) return known.status();
    const underWay = this.#starting.get(spec.id);
    if (underWay !== undefined) return underWay;
    const start = this.#start(spec, signal).finally(() => this.#starting.delete(spec.id));
    this.#starting.set(spec.id, start);
    return start;
  }

  async list(): Promise<readonly DynoStatus[]> {
    return [...this.#dynos.values()].filter((dyno) => !dyno.record.attached).map((dyno) => dyno.status());
  }

  onExit(listener: (id: DynoId) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async kill(id: DynoId, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const dyno = this.#dynos.get(id);
    if (dyno?.running === true) dyno.signal(signal);
  }

  async remove(id: DynoId): Promise<void> {
    const dyno = this.#dynos.get(id);
    if (dyno === undefined || dyno.running) return;
    const never = new AbortController().signal;
    while (!dyno.closed) await dyno.changed(dyno.changes, never);
    await this.#forgetLimits(id);
    dyno.close();
    this.#releaser.forget(dyno.outputFile);
    await rm(dyno.folder, { recursive: true, force: true });
    this.#dynos.delete(id);
    if (dyno.record.port !== undefined) this.#ports.release(dyno.record.port);
  }

  async *output(id: DynoId, position: string | undefined, signal: AbortSignal): AsyncGenerator<OutputChunk> {
    const dyno = this.#dynos.get(id);
    if (dyno !== undefined) yield* readOutput(dyno.outputFile, position, dyno, signal);
  }

  async releaseOutput(id: DynoId, position: string): Promise<void> {
    const dyno = this.#dynos.get(id);
    if (dyno !== undefined) await this.#releaser.release(dyno.outputFile, position);
  }

  async runAttached(
    spec: DynoSpec,
    stream: Duplex,
    terminal: Terminal | undefined,
    signal: AbortSignal,
  ): Promise<number> {
    const launch = await this.#prepare(spec, signal);
    const options = { launch, stream, signal, graceMs: this.#hangupGraceMs };
    const started = (record: ProcessDyno['record']): ProcessDyno => this.#track(launch.folder, record);
    try {
      return terminal === undefined
        ? await runPiped(options, started)
        : await runInTerminal(options, terminal, started);
    } finally {
      if (this.#dynos.has(spec.id)) await this.remove(spec.id);
      else await this.#discard(launch);
    }
  }

  async usage(): Promise<ReadonlyMap<DynoId, DynoUsage>> {
    const running = [...this.#dynos.values()].filter((dyno) => dyno.running);
    let table: readonly ProcessEntry[] | undefined;
    const lookOnce = (): readonly ProcessEntry[] => {
      table ??= readProcessTable();
      return table;
    };
    return new Map(running.map((dyno) => [dyno.record.id, dyno.usage(lookOnce)]));
  }

  /** Lets go of the dynos; they run on. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    this.#listeners.clear();
    for (const dyno of this.#dynos.values()) dyno.close();
    await this.#releaser.settled();
  }

  async #start(spec: DynoSpec, signal: AbortSignal): Promise<DynoStatus> {
    const launch = await this.#prepare(spec, signal);
    try {
      const { child, record } = await spawnShim(launch, false);
      child.unref();
      const dyno = this.#track(launch.folder, record);
      child.once('exit', () => dyno.observe());
      return dyno.status();
    } catch (error) {
      await this.#discard(launch);
      throw error;
    }
  }

  async #prepare(spec: DynoSpec, signal: AbortSignal): Promise<Launch> {
    const { artifact } = spec;
    if (artifact.kind !== 'slug') {
      throw new DriverError(
        `Expected ${spec.name} to run from a slug, but it has an image, which needs a container engine. Install Docker or Podman and start it, then restart Ravine.`,
      );
    }
    const folder = join(this.#folder, spec.id);
    const port = spec.port ? await this.#ports.take() : undefined;
    const launch = { spec, folder, port, files: this.#files, limits: this.#limits };
    try {
      await makeDynoFolder(folder, artifact.folder, spec.uid, signal);
      signal.throwIfAborted();
      return launch;
    } catch (error) {
      await this.#discard(launch);
      throw error instanceof DriverError || signal.aborted
        ? error
        : new DriverError(`Could not make the folder of ${spec.name}: ${String(error)}`, { cause: error });
    }
  }

  async #discard(launch: Launch): Promise<void> {
    if (launch.port !== undefined) this.#ports.release(launch.port);
    await this.#forgetLimits(launch.spec.id);
    await rm(launch.folder, { recursive: true, force: true });
  }

  /** The kernel may count dying processes for a moment longer; a group that stays is empty and costs nothing. */
  async #forgetLimits(id: DynoId): Promise<void> {
    for (let tries = 0; tries < 100; tries += 1) {
      try {
        this.#limits.remove(id);
        return;
      } catch {
        await setTimeout(10);
      }
    }
  }

  #track(folder: string, record: ProcessDyno['record']): ProcessDyno {
    const dyno = new ProcessDyno(folder, record, this.#limits, () => {
      for (const listener of this.#listeners) listener(record.id);
    });
    this.#dynos.set(record.id, dyno);
    if (record.port !== undefined) this.#ports.adopt(record.port);
    dyno.observe();
    return dyno;
  }

  async #adopt(): Promise<void> {
    for (const name of await readdir(this.#folder)) {
      if (name === '.shim') continue;
      const folder = join(this.#folder, name);
      const record = readRecord(folder);
      if (record === undefined) {
        if (!name.startsWith('.trial-')) await rm(folder, { recursive: true, force: true });
        continue;
      }
      const dyno = this.#track(folder, record);
      if (!record.attached || isAlive(record.owner)) continue;
      dyno.signal('SIGKILL');
      dyno.observe();
      await this.remove(record.id);
    }
  }

  #check(): void {
    this.#checks += 1;
    for (const dyno of this.#dynos.values()) {
      if (!dyno.running) continue;
      dyno.observe();
      if (dyno.running && (this.limits !== 'none' || this.#checks % memoryEvery === 0)) dyno.enforceMemory();
    }
  }
}
