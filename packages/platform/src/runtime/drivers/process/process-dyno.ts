import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';
import type { DynoStatus, DynoUsage } from '../../driver.ts';
import { type DynoEnd, type DynoRecord, isAlive, readEnd, readStatus, writeEnd } from './dyno-record.ts';
import type { Limits } from './limits.ts';
import type { Writer } from './output-file.ts';
import { membersOf, type ProcessEntry, readProcessTable, signalProcess } from './process-table.ts';

/** Changes that the file watch may have missed are seen this late. */
const safetyPollMs = 1000;
/** How often a dyno that has exited is asked whether its relay has written the rest. */
const relayPollMs = 10;
/** A relay that still hangs this long after the exit is cut off. */
const relayGraceMs = 5000;
/** Linux counts in hundredths of a second for programs, whatever the kernel's own clock does. */
const tickMs = 10;

/** Processes of one dyno that keep it, as opposed to what it runs: the shim, its halves, and the relay. */
const keepersOf = (members: readonly ProcessEntry[], shim: number, main: number | undefined): ReadonlySet<number> => {
  const halves = new Set(members.filter((entry) => entry.parent === shim).map((entry) => entry.pid));
  const relays = members.filter((entry) => halves.has(entry.parent) && entry.pid !== main);
  return new Set([shim, ...halves, ...relays.map((entry) => entry.pid)]);
};

/**
 * One dyno of the process driver, as its folder tells it.
 * - running: the shim lives and has recorded no exit
 * - exited: an exit is recorded, or the shim is gone; what is left of its processes is killed
 * - closed: exited, and nobody writes its output any more
 */
export class ProcessDyno implements Writer {
  readonly record: DynoRecord;
  readonly folder: string;
  readonly #limits: Limits;
  readonly #onExit: () => void;
  readonly #waiting = new Set<() => void>();
  #end: DynoEnd | undefined;
  #outOfMemory = false;
  #watcher: FSWatcher | undefined;
  #relayTimer: NodeJS.Timeout | undefined;
  closed = false;
  changes = 0;

  constructor(folder: string, record: DynoRecord, limits: Limits, onExit: () => void) {
    this.folder = folder;
    this.record = record;
    this.#limits = limits;
    this.#onExit = onExit;
    this.#end = readEnd(folder);
    if (this.#end !== undefined && !isAlive(record.shim)) {
      this.closed = true;
      return;
    }
    try {
      this.#watcher = watch(folder, { persistent: false }, () => this.observe());
      this.#watcher.on('error', () => undefined);
    } catch {
      // Out of watches: the periodic check sees everything later.
    }
    if (this.#end !== undefined) this.#awaitRelay(Date.now());
  }

  get outputFile(): string {
    return join(this.folder, 'out.log');
  }

  get home(): string {
    return join(this.folder, 'app');
  }

  get running(): boolean {
    return this.#end === undefined;
  }

  status(): DynoStatus {
    const { id, appId, name, port, shim, startedAtMs } = this.record;
    const end = this.#end;
    return {
      id,
      appId,
      name,
      state:
        end === undefined
          ? { kind: 'running', pid: shim.pid, startedAtMs }
          : { kind: 'exited', exitCode: end.exitCode, outOfMemory: end.outOfMemory },
      ...(port === undefined ? {} : { address: { host: '127.0.0.1', port } }),
    };
  }

  /** Looks at the folder and the shim again; cheap enough to call at every hint. */
  observe(): void {
    if (this.#end === undefined) {
      // In this order: an exit recorded just before the shim ended must not be missed.
      const alive = isAlive(this.record.shim);
      const { exitCode } = readStatus(this.folder);
      if (exitCode !== undefined || !alive) this.#exited(exitCode);
    }
    this.changes += 1;
    for (const wake of this.#waiting) wake();
  }

  members(table = readProcessTable()): readonly ProcessEntry[] {
    const { id, shim } = this.record;
    const membership = {
      leader: shim.pid,
      leaderAlive: isAlive(shim),
      home: this.home,
      known: this.#limits.members(id),
    };
    return membersOf(table, membership);
  }

  /**
   * Signals what the dyno runs; its keepers stay, to record the exit and write the rest of the output.
   * Before the command has begun there is nothing to be polite to: then all of it is killed.
   */
  signal(signal: NodeJS.Signals): void {
    const { shim, kept } = this.record;
    // In this order: a command on record is in the table, if it lives.
    const main = readStatus(this.folder).pid;
    const whole = isAlive(shim);
    if (kept && whole && main === undefined) {
      signalProcess(-shim.pid, 'SIGKILL');
      return;
    }
    const members = this.members();
    const keepers = kept && whole ? keepersOf(members, shim.pid, main) : new Set<number>();
    for (const { pid } of members) if (!keepers.has(pid)) signalProcess(pid, signal);
  }

  /** Where the kernel doesn't hold the limit, or killed only a part, the whole dyno goes. */
  enforceMemory(): void {
    const { id, memoryBytes } = this.record;
    const used = this.#limits.kind === 'none' ? this.memoryBytes() : 0;
    if (used <= memoryBytes * 2 && !this.#limits.outOfMemory(id)) return;
    this.#outOfMemory = true;
    this.signal('SIGKILL');
  }

  memoryBytes(): number {
    const measured = this.#limits.memoryBytes(this.record.id);
    return measured ?? this.members().reduce((sum, entry) => sum + entry.residentBytes, 0);
  }

  /** @param table asked for only where the kernel does not count for the dyno as a whole. */
  usage(table: () => readonly ProcessEntry[]): DynoUsage {
    const { id } = this.record;
    const [memory, cpuMs] = [this.#limits.memoryBytes(id), this.#limits.cpuMs(id)];
    if (memory !== undefined && cpuMs !== undefined) return { memoryBytes: memory, cpuMs };
    const members = this.members(table());
    const ticks = members.reduce<number | undefined>(
      (sum, { cpuTicks }) => (sum === undefined || cpuTicks === undefined ? undefined : sum + cpuTicks),
      0,
    );
    return {
      memoryBytes: memory ?? members.reduce((sum, entry) => sum + entry.residentBytes, 0),
      cpuMs: cpuMs ?? (ticks === undefined ? undefined : ticks * tickMs),
    };
  }

  changed(seen: number, signal: AbortSignal): Promise<void> {
    if (this.changes > seen || this.closed || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        this.#waiting.delete(done);
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, safetyPollMs);
      this.#waiting.add(done);
      signal.addEventListener('abort', done);
    });
  }

  /** Lets go of the dyno without touching it. */
  close(): void {
    this.#watcher?.close();
    clearTimeout(this.#relayTimer);
    for (const wake of this.#waiting) wake();
  }

  #exited(exitCode: number | undefined): void {
    const outOfMemory = this.#outOfMemory || this.#limits.outOfMemory(this.record.id);
    this.#end = { ...(exitCode === undefined ? {} : { exitCode }), outOfMemory };
    writeEnd(this.folder, this.#end);
    this.#awaitRelay(Date.now());
    this.#onExit();
  }

  #awaitRelay(sinceMs: number): void {
    const members = this.members();
    if (members.length === 0) {
      this.closed = true;
      this.#watcher?.close();
      this.observe();
      return;
    }
    if (Date.now() - sinceMs > relayGraceMs) for (const { pid } of members) signalProcess(pid, 'SIGKILL');
    else this.signal('SIGKILL');
    this.#relayTimer = setTimeout(() => this.#awaitRelay(sinceMs), relayPollMs).unref();
  }
}
