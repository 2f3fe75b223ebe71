import { rm } from 'node:fs/promises';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { LogLine } from '../domain/log-line.ts';
import { alignId, type ReadableLog, readForward } from './log-reader.ts';
import { encodeRecord, type LogEntry } from './log-record.ts';
import { RecentLines } from './recent-lines.ts';
import { type Retention, SegmentWriter } from './segment-writer.ts';

export interface LogLimits extends Retention {
  /** Lines that wait for a slow or full disk, per app, in characters; what comes above it is not taken. */
  readonly pendingChars: number;
}

interface Batch {
  readonly lines: LogLine[];
  readonly records: string[];
  readonly written: PromiseWithResolvers<void>;
}

const retryMs = 500;
/** How long a reader waits for lines that the disk is slow to take. */
const readPatienceMs = 250;

/** One app's log: takes lines in memory and writes them in groups (all that came while the last write ran), then tells followers. */
export class AppLog {
  readonly #folder: string;
  readonly #limits: LogLimits;
  readonly #onError: (error: unknown) => void;
  readonly #closing = new AbortController();
  readonly #followers = new Set<() => void>();
  readonly #recent = new RecentLines();
  #opening: Promise<SegmentWriter> | undefined;
  #waiting = newBatch();
  #writing: Batch | undefined;
  #pendingChars = 0;
  #running: Promise<void> | undefined;
  #failing = false;

  constructor(folder: string, limits: LogLimits, onError: (error: unknown) => void) {
    this.#folder = folder;
    this.#limits = limits;
    this.#onError = onError;
  }

  /** Takes as many of the lines as there is room for and returns how many that were. */
  append(lines: readonly LogLine[]): number {
    let taken = 0;
    for (const line of lines) {
      if (this.#closing.signal.aborted || this.#pendingChars >= this.#limits.pendingChars) break;
      const record = encodeRecord(line);
      this.#waiting.lines.push(line);
      this.#waiting.records.push(record);
      this.#pendingChars += record.length;
      taken++;
    }
    if (taken > 0) this.#run();
    return taken;
  }

  /**
   * Resolves when all lines taken so far are in the kernel's hands; waits while the disk refuses them.
   * @throws Error when the log is closed or removed before.
   */
  flushed(): Promise<void> {
    if (this.#waiting.lines.length > 0) return this.#waiting.written.promise;
    return this.#writing?.written.promise ?? Promise.resolve();
  }

  /** The log with everything taken before in it, as far as the disk goes along. */
  async read(): Promise<ReadableLog> {
    if (this.#pendingChars > 0) {
      await Promise.race([this.flushed().catch(() => {}), sleep(readPatienceMs, undefined, { ref: false })]);
    }
    return this.#open();
  }

  /** Yields all lines from an id on, then lines as they are written, until aborted or closed. A slow reader costs no memory. */
  async *follow(fromId: number, signal: AbortSignal): AsyncGenerator<readonly LogEntry[]> {
    let wake = (): void => {};
    const awake = (): void => wake();
    this.#followers.add(awake);
    signal.addEventListener('abort', awake);
    try {
      let at = await alignId(await this.#open(), fromId);
      while (!signal.aborted && !this.#closing.signal.aborted) {
        const log = await this.#open();
        // From here to the wait nothing may be awaited, or a wake-up could be missed.
        const recent = this.#recent.from(at);
        if (recent === undefined && at >= log.end) {
          if (signal.aborted || this.#closing.signal.aborted) return;
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          continue;
        }
        const { entries, next } = recent ?? (await readForward(log, at));
        at = next;
        if (entries.length > 0) yield entries;
      }
    } finally {
      signal.removeEventListener('abort', awake);
      this.#followers.delete(awake);
      if (this.#followers.size === 0) this.#recent.clear();
    }
  }

  /** Applies retention and gives the file descriptor back; skipped while lines are being written, which does both in its time. */
  async tidy(): Promise<void> {
    if (this.#running !== undefined || this.#closing.signal.aborted) return;
    this.#running = this.#tidy().finally(() => this.#ran());
    await this.#running;
  }

  /** Writes what was taken and ends all followers. Lines that the disk still refuses are lost. */
  async close(): Promise<void> {
    if (!this.#failing) await this.flushed().catch(() => {});
    this.#closing.abort();
    for (const wake of this.#followers) wake();
    await this.#running?.catch(() => {});
    const writer = await this.#opening?.catch(() => undefined);
    await writer?.rest();
  }

  /** Ends all followers and removes the files. */
  async remove(): Promise<void> {
    await this.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #open(): Promise<SegmentWriter> {
    this.#opening ??= SegmentWriter.open(this.#folder, this.#limits).catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  #run(): void {
    this.#running ??= this.#writeAll().finally(() => this.#ran());
  }

  #ran(): void {
    this.#running = undefined;
    if (this.#waiting.lines.length > 0 && !this.#closing.signal.aborted) this.#run();
  }

  async #tidy(): Promise<void> {
    const writer = await this.#open();
    await writer.rollOld();
    await writer.prune();
    await writer.rest();
  }

  async #writeAll(): Promise<void> {
    // Lines of one turn of the event loop share a write.
    await setImmediate();
    while (this.#waiting.lines.length > 0) {
      const batch = this.#waiting;
      this.#waiting = newBatch();
      this.#writing = batch;
      const text = batch.records.join('');
      if (await this.#writeBatch(batch, Buffer.from(text))) batch.written.resolve();
      else
        batch.written.reject(new Error('Expected the log to be open until its lines were written, but it was closed.'));
      this.#pendingChars -= text.length;
      this.#writing = undefined;
    }
  }

  /** Tries until it works or the log is closed. */
  async #writeBatch(batch: Batch, bytes: Buffer): Promise<boolean> {
    while (!this.#closing.signal.aborted) {
      try {
        const writer = await this.#open();
        const start = await writer.write(bytes);
        this.#failing = false;
        this.#announce(batch, start);
        return true;
      } catch (error) {
        if (!this.#failing) this.#onError(error);
        this.#failing = true;
        // Somebody removed the folder: begin it anew. After other errors the same bytes go to the same place again.
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') this.#opening = undefined;
        await sleep(retryMs, undefined, { signal: this.#closing.signal, ref: false }).catch(() => {});
      }
    }
    return false;
  }

  #announce({ lines, records }: Batch, start: number): void {
    if (this.#followers.size === 0) return;
    let id = start;
    const entries = lines.map((line, index): LogEntry => {
      id += Buffer.byteLength(records[index] ?? '');
      return { ...line, id };
    });
    this.#recent.add({ start, next: id, entries });
    for (const wake of this.#followers) wake();
  }
}

const newBatch = (): Batch => {
  const written = Promise.withResolvers<void>();
  // Not everybody waits for the write; who does still sees the failure.
  written.promise.catch(() => {});
  return { lines: [], records: [], written };
};
