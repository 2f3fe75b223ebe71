import { setTimeout } from 'node:timers/promises';
import { awaitPort } from './await-port.ts';
import type { Driver, DynoSpec, DynoStatus } from './driver.ts';
import { DriverError, DriverUnavailable } from './driver-error.ts';
import { dynoEnv, sizeNamed } from './dyno-env.ts';
import { type DynoEvent, type DynoState, transition } from './dyno-state.ts';
import { DynoVoice } from './dyno-voice.ts';
import { pumpOutput } from './output-pump.ts';
import type { DynoChange, DynoRow, RuntimePorts } from './ports.ts';
import type { RuntimeTimings } from './runtime-timings.ts';

/** What the lives of all dynos share. */
export interface LifeContext {
  readonly driver: Driver;
  readonly ports: RuntimePorts;
  readonly timings: RuntimeTimings;
  /** Asks for a pass over the app. */
  readonly nudge: (appId: DynoRow['appId']) => void;
  /** Brings a life to its end; undefined: there is no trace of its process. */
  readonly end: (life: DynoLife, status: DynoStatus | undefined) => void;
}

const exitCheckMs = 1000;
/** A farewell waits no longer than this for the last lines of the output. */
const lastLinesMs = 1000;
const storeRetryMs = 500;
/** How often a start or a signal is tried again while the driver is away. */
const driverRetryMs = 500;

/** Follows one run of one dyno in this process: boots, reads its output, stops it. What it finds out it writes to the row. */
export class DynoLife {
  readonly #context: LifeContext;
  readonly #row: DynoRow;
  readonly #letGo = new AbortController();
  readonly #boot = new AbortController();
  readonly #exited = new AbortController();
  readonly #voice: DynoVoice;
  #state: DynoState;
  #pump: Promise<void> | undefined;
  #launch: Promise<void> = Promise.resolve();
  /** Pending from the order to start until its output is followed or there will be none: an end is told after it. */
  #begun: Promise<void> = Promise.resolve();
  #work: Promise<void> = Promise.resolve();
  #startedAtMs = Date.now();
  #runsSinceMs = Number.POSITIVE_INFINITY;
  #farewell: Promise<void> | undefined;
  #replaced = false;

  constructor(context: LifeContext, row: DynoRow) {
    this.#context = context;
    this.#row = row;
    this.#voice = new DynoVoice(context.ports.logs.sink, row);
    const kind = row.state === 'starting' || row.state === 'up' ? row.state : 'stopping';
    this.#state = kind === 'stopping' ? { kind } : { kind, crashCount: row.crashCount };
  }

  get row(): DynoRow {
    return this.#row;
  }

  get stopping(): boolean {
    return this.#state.kind === 'stopping';
  }

  /** Whether a list of dynos that was asked for at this time (`performance.now()`) must have it, if it is there at all. */
  wasRunningAt(atMs: number): boolean {
    return this.#runsSinceMs < atMs;
  }

  /** Resolves when nothing of this life is under way any more. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.#launch, this.#work, this.#pump]);
    await this.#farewell;
  }

  /** Starts the process. */
  begin(): void {
    this.#launch = this.#start().catch((fault: unknown) => this.#context.ports.onFault(fault));
  }

  /** Takes over a process that an earlier one of us started. */
  adopt(status: DynoStatus): void {
    if (status.state.kind === 'running') this.#startedAtMs = status.state.startedAtMs;
    this.#runsSinceMs = performance.now();
    this.#follow(true);
    if (this.#state.kind === 'starting' && status.state.kind === 'running') {
      this.#launch = this.#awaitReady(status).catch((fault: unknown) => this.#context.ports.onFault(fault));
    }
  }

  /**
   * Drains (where the dyno got requests), SIGTERM, SIGKILL; the row's end comes with `farewell`.
   * `replaced` says that another run takes its place. Asked again, it goes on as before.
   */
  stop(how: { readonly drains: boolean; readonly replaced: boolean }): void {
    if (this.stopping) return;
    const before = this.#state.kind;
    this.#replaced = how.replaced;
    if (how.replaced) this.#voice.say('Restarting');
    this.#step({ kind: 'retired' });
    this.#boot.abort();
    const drains = how.drains && before === 'up';
    this.#work = this.#stop({ ...how, drains }).catch((fault: unknown) => this.#context.ports.onFault(fault));
  }

  /** Goes on with a stop that an earlier process of ours had begun. */
  resumeStop(): void {
    this.#work = this.#stop({ drains: false, replaced: false }).catch((fault: unknown) =>
      this.#context.ports.onFault(fault),
    );
  }

  /** The process has ended; undefined: no trace of it. Writes the last lines and the row, once. */
  farewell(status: DynoStatus | undefined): Promise<void> {
    this.#farewell ??= this.#sayFarewell(status);
    return this.#farewell;
  }

  /** Lets go without touching the dyno. */
  release(): void {
    this.#letGo.abort();
    this.#boot.abort();
    this.#exited.abort();
  }

  /** R14, when the dyno is over its size. */
  noteMemory(bytes: number): void {
    this.#voice.noteMemory(bytes);
  }

  get #name(): string {
    return `${this.#row.type}.${this.#row.ordinal}`;
  }

  #step(event: DynoEvent): void {
    this.#state = transition(this.#state, event);
  }

  async #sayFarewell(status: DynoStatus | undefined): Promise<void> {
    await this.#begun;
    this.#exited.abort();
    this.#boot.abort();
    if (this.#pump !== undefined) await Promise.race([this.#pump, setTimeout(lastLinesMs, undefined, { ref: false })]);
    const before = this.#state.kind;
    const end = status?.state.kind === 'exited' ? status.state : undefined;
    if (end?.outOfMemory === true) this.#voice.vastlyExceeded();
    if (end?.exitCode !== undefined) this.#voice.say(`Process exited with status ${end.exitCode}`);
    this.#step(status === undefined ? { kind: 'lost' } : this.#exitEvent());
    const after = this.#endName();
    if (!this.#replaced) this.#voice.say(`State changed from ${before === 'stopping' ? 'up' : before} to ${after}`);
    await this.#keepEnd(end?.exitCode);
    await this.#pump;
    await this.#context.driver.remove(this.#row.id).catch((fault: unknown) => this.#context.ports.onFault(fault));
  }

  #exitEvent(): DynoEvent {
    const atMs = Date.now();
    const ranMs = atMs - this.#startedAtMs;
    return { kind: 'exited', atMs, ranMs, oneOff: this.#row.kind !== 'formation', random: Math.random() };
  }

  #endName(): string {
    if (this.#state.kind === 'crashed') return 'crashed';
    return this.#row.kind === 'formation' ? 'down' : 'complete';
  }

  async #keepEnd(exitCode: number | undefined): Promise<void> {
    const { rows } = this.#context.ports;
    const state = this.#state;
    await this.#persist(() =>
      state.kind === 'crashed'
        ? rows.update(this.#row.id, {
            state: 'crashed',
            crashCount: state.crashCount,
            nextStartAtMs: state.nextStartAtMs,
            exitCode,
          })
        : rows.delete(this.#row.id, exitCode),
    );
    this.#context.nudge(this.#row.appId);
  }

  /** Tries until the store takes it; a life that is let go stops trying, the next pass finds the same facts. */
  async #persist(write: () => Promise<void>): Promise<void> {
    while (!this.#letGo.signal.aborted) {
      try {
        await write();
        return;
      } catch (fault) {
        this.#context.ports.onFault(fault);
        await setTimeout(storeRetryMs, undefined, { signal: this.#letGo.signal }).catch(() => undefined);
      }
    }
  }

  async #change(change: DynoChange): Promise<void> {
    await this.#persist(() => this.#context.ports.rows.update(this.#row.id, change));
  }

  #follow(resumed: boolean): void {
    const { driver, ports } = this.#context;
    this.#pump = pumpOutput(driver, ports, this.#row, { resumed, signal: this.#letGo.signal }).catch((fault: unknown) =>
      ports.onFault(fault),
    );
  }

  async #start(): Promise<void> {
    const begun = Promise.withResolvers<void>();
    this.#begun = begun.promise;
    this.#voice.say(`Starting process with command \`${this.#row.command}\``);
    let status: DynoStatus;
    try {
      status = await this.#startWhenPossible(await this.#spec());
    } catch (error) {
      begun.resolve();
      this.#couldNotStart(error);
      return;
    }
    this.#startedAtMs = Date.now();
    this.#runsSinceMs = performance.now();
    this.#follow(false);
    const ready = this.#awaitReady(status);
    begun.resolve();
    await ready;
  }

  /** A driver that is away is waited for: that is no crash of the dyno's. */
  async #startWhenPossible(spec: DynoSpec): Promise<DynoStatus> {
    const { signal } = this.#boot;
    for (let tries = 0; ; tries += 1) {
      try {
        return await this.#context.driver.start(spec, signal);
      } catch (error) {
        if (!(error instanceof DriverUnavailable) || signal.aborted) throw error;
        if (tries === 0) this.#voice.say(`${error.message} The dyno starts as soon as it does.`);
        await setTimeout(driverRetryMs, undefined, { signal });
      }
    }
  }

  #couldNotStart(error: unknown): void {
    if (this.#letGo.signal.aborted) return;
    if (this.#boot.signal.aborted) {
      this.#context.end(this, undefined);
      return;
    }
    const known = error instanceof DriverError;
    this.#voice.say(known ? error.message : 'The dyno could not be started; it is tried again.');
    if (!known) this.#context.ports.onFault(error);
    const { id, appId } = this.#row;
    this.#context.end(this, {
      id,
      appId,
      name: this.#name,
      state: { kind: 'exited', exitCode: 1, outOfMemory: false },
    });
  }

  async #spec(): Promise<DynoSpec> {
    const row = this.#row;
    const [app, release] = await Promise.all([
      this.#context.ports.desired.app(row.appId),
      this.#context.ports.desired.release(row.releaseId),
    ]);
    if (app === undefined || release === undefined) {
      throw new DriverError(`Expected release v${row.releaseVersion} with its code, but it is gone; deploy again.`);
    }
    const size = sizeNamed(row.size);
    return {
      id: row.id,
      appId: row.appId,
      name: this.#name,
      command: row.command,
      artifact: release.artifact(row.type),
      env: { ...dynoEnv(this.#name, size, release.env), ...row.env },
      memoryBytes: size.memoryBytes,
      maxProcesses: size.maxProcesses,
      cpuShares: size.cpuShares,
      uid: app.uid,
      port: row.type === 'web' && row.kind === 'formation',
    };
  }

  async #awaitReady(status: DynoStatus): Promise<void> {
    // A web dyno that has ended already has no address: it must not pass for one that needs none.
    if (status.state.kind === 'exited' && this.#row.type === 'web') {
      this.#context.end(this, status);
      return;
    }
    const { address } = status;
    if (address !== undefined) {
      const restMs = Math.max(0, this.#startedAtMs + this.#context.timings.bootMs - Date.now());
      const timeout = AbortSignal.timeout(restMs);
      const ready = await awaitPort(address, AbortSignal.any([timeout, this.#boot.signal]));
      if (this.#boot.signal.aborted) return;
      if (!ready) {
        this.#voice.bootTimeout(this.#context.timings.bootMs);
        await this.#context.driver.kill(this.#row.id, 'SIGKILL');
        return;
      }
    }
    if (this.#state.kind !== 'starting' || this.#exited.signal.aborted) return;
    this.#step({ kind: 'ready' });
    this.#voice.say('State changed from starting to up');
    await this.#change({ state: 'up', ...(address && { host: address.host, port: address.port }) });
    this.#context.nudge(this.#row.appId);
  }

  async #stop({ drains, replaced }: { readonly drains: boolean; readonly replaced: boolean }): Promise<void> {
    const { driver, ports, timings } = this.#context;
    const { id } = this.#row;
    await this.#change({ state: 'stopping' });
    // Its end takes work, and its successor has enough to do with its first visitors.
    const settled = drains && replaced ? this.#exits(timings.settleMs) : undefined;
    if (drains) await ports.routes.untilFree(id, timings.drainMs);
    await settled;
    await this.#launch;
    if (this.#exited.signal.aborted) return;
    this.#voice.say('Stopping all processes with SIGTERM');
    while (!(await this.#reaches(() => driver.kill(id, 'SIGTERM')))) if (await this.#exits(driverRetryMs)) return;
    if (await this.#exits(timings.stopMs)) return;
    this.#voice.exitTimeout(timings.stopMs);
    do {
      await this.#reaches(() => driver.kill(id, 'SIGKILL'));
      this.#context.nudge(this.#row.appId);
    } while (!(await this.#exits(exitCheckMs)));
  }

  /** Whether the driver is there to do it. */
  async #reaches(act: () => Promise<void>): Promise<boolean> {
    try {
      await act();
      return true;
    } catch (fault) {
      this.#context.ports.onFault(fault);
      return false;
    }
  }

  /** Whether the process ends (or is let go) within the time. */
  async #exits(withinMs: number): Promise<boolean> {
    await setTimeout(withinMs, undefined, { signal: this.#exited.signal }).catch(() => undefined);
    return this.#exited.signal.aborted;
  }
}
