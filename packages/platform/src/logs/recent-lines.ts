import type { LogEntry } from './log-record.ts';

const maxBytes = 256 * 1024;

interface Batch {
  readonly start: number;
  readonly next: number;
  readonly entries: readonly LogEntry[];
}

/** The last lines written, so that readers who keep up need no disk; bounded, whoever is behind reads segments. */
export class RecentLines {
  readonly #batches: Batch[] = [];

  add(batch: Batch): void {
    this.#batches.push(batch);
    // One batch always stays, however large: it is in memory anyway and all who keep up want it.
    while (this.#batches.length > 1 && batch.next - (this.#batches[0]?.start ?? 0) > maxBytes) this.#batches.shift();
  }

  /** The batch that begins exactly at an id, or undefined. */
  from(id: number): Batch | undefined {
    // Who keeps up asks for the end, where nothing is yet: the first batch before it says so.
    const last = this.#batches.findLast(({ start }) => start <= id);
    return last?.start === id ? last : undefined;
  }

  clear(): void {
    this.#batches.length = 0;
  }
}
