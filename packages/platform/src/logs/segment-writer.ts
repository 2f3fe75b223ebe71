import { type FileHandle, open, rm } from 'node:fs/promises';
import type { ReadableLog } from './log-reader.ts';
import { newSegment, openSegments, type Segment } from './segments.ts';

export interface Retention {
  /** A segment that has grown to this is followed by another; retention works in whole segments. */
  readonly segmentBytes: number;
  /** Kept per app, without the segment being written. */
  readonly totalBytes: number;
  readonly maxAgeMs: number;
}

/** A segment spans at most this part of the maximum age, so that a quiet app's old lines go in time too. */
const ageParts = 7;

/** Writes one app's segments. Every write names its place in the file, so one that failed half-way is simply written again. */
export class SegmentWriter implements ReadableLog {
  readonly #folder: string;
  readonly #retention: Retention;
  readonly #segments: Segment[];
  #handle: FileHandle | undefined;

  constructor(folder: string, retention: Retention, segments: Segment[]) {
    this.#folder = folder;
    this.#retention = retention;
    this.#segments = segments;
  }

  static async open(folder: string, retention: Retention): Promise<SegmentWriter> {
    return new SegmentWriter(folder, retention, await openSegments(folder));
  }

  get segments(): readonly Segment[] {
    return this.#segments;
  }

  get end(): number {
    const last = this.#segments.at(-1);
    return last === undefined ? 0 : last.base + last.size;
  }

  /**
   * Adds whole lines at `end` and returns the id where they begin; calls must not overlap.
   * @throws Error of the file system; `end` is then as before and the same bytes may be written again.
   */
  async write(bytes: Buffer, nowMs = Date.now()): Promise<number> {
    const segment = await this.#writable(bytes.length, nowMs);
    this.#handle ??= await open(segment.file, 'r+');
    let done = 0;
    while (done < bytes.length) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, segment.size + done);
      done += bytesWritten;
    }
    segment.size += bytes.length;
    segment.writtenAtMs = nowMs;
    return segment.base + segment.size - bytes.length;
  }

  /** Removes what size and age no longer allow. */
  async prune(nowMs = Date.now()): Promise<void> {
    const { totalBytes, maxAgeMs } = this.#retention;
    let total = this.#segments.slice(0, -1).reduce((sum, { size }) => sum + size, 0);
    // The last segment stays, since ids go on from its end.
    while (this.#segments.length > 1) {
      const [oldest] = this.#segments;
      if (!oldest || (total <= totalBytes && nowMs - oldest.writtenAtMs <= maxAgeMs)) return;
      this.#segments.shift();
      total -= oldest.size;
      await rm(oldest.file, { force: true });
    }
  }

  /** Begins an empty segment when the present one is old; must not overlap a write. */
  async rollOld(nowMs = Date.now()): Promise<void> {
    const last = this.#segments.at(-1);
    if (last && last.size > 0 && nowMs - last.begunAtMs > this.#retention.maxAgeMs / ageParts) await this.#roll(nowMs);
  }

  /** Gives the file descriptor back; the next write opens it again. */
  async rest(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  async #writable(length: number, nowMs: number): Promise<Segment> {
    await this.rollOld(nowMs);
    const last = this.#segments.at(-1);
    if (last && (last.size === 0 || last.size + length <= this.#retention.segmentBytes)) return last;
    return this.#roll(nowMs);
  }

  async #roll(nowMs: number): Promise<Segment> {
    await this.rest();
    const segment = newSegment(this.#folder, this.end, nowMs);
    // Not 'wx': a file may be left from a roll that was cut short; nothing in it was ever announced.
    this.#handle = await open(segment.file, 'w+', 0o600);
    this.#segments.push(segment);
    await this.prune(nowMs);
    return segment;
  }
}
