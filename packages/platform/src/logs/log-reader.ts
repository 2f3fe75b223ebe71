import { decodeRecords, type LogEntry } from './log-record.ts';
import { readSegment, type Segment } from './segments.ts';

const blockBytes = 64 * 1024;
const chunkBytes = 256 * 1024;
const lineFeed = 10;

/** What a reader sees of a log that is being written and pruned while it reads. */
export interface ReadableLog {
  /** Oldest first; pruning removes from the front. */
  readonly segments: readonly Segment[];
  /** Id up to which everything is written. */
  readonly end: number;
}

/** Yields the lines before `before` in blocks, the newest block first; the lines within a block are in order. */
export async function* newestFirst(log: ReadableLog, before: number): AsyncGenerator<LogEntry[]> {
  for (const segment of log.segments.toReversed()) {
    let end = Math.min(before, segment.base + segment.size);
    let rest: Buffer = Buffer.alloc(0);
    while (end > segment.base) {
      const start = Math.max(segment.base, end - blockBytes);
      const block = await readSegment(segment, start, end);
      if (block === undefined) return;
      const bytes = rest.length === 0 ? block : Buffer.concat([block, rest]);
      // The first line of a block usually begins in the block before it.
      const whole = start === segment.base ? 0 : bytes.indexOf(lineFeed) + 1;
      rest = whole === 0 && start !== segment.base ? bytes : bytes.subarray(0, whole);
      if (rest !== bytes) yield decodeRecords(bytes.subarray(whole), start + whole);
      end = start;
    }
  }
}

/** Reads the next chunk of whole lines from id `from` on; `next` is where to go on, equal to `log.end` when all is read. */
export const readForward = async (
  log: ReadableLog,
  from: number,
): Promise<{ readonly entries: LogEntry[]; readonly next: number }> => {
  const segment = log.segments.find(({ base, size }) => from < base + size);
  if (segment === undefined || from >= log.end) return { entries: [], next: log.end };
  const start = Math.max(from, segment.base);
  const segmentEnd = segment.base + segment.size;
  for (let length = chunkBytes; ; length *= 2) {
    const end = Math.min(segmentEnd, start + length);
    const bytes = await readSegment(segment, start, end);
    const whole = bytes === undefined ? 0 : bytes.lastIndexOf(lineFeed) + 1;
    if (bytes !== undefined && whole > 0)
      return { entries: decodeRecords(bytes.subarray(0, whole), start), next: start + whole };
    if (end === segmentEnd) return { entries: [], next: segmentEnd };
  }
};

/** Moves an id that a client made up, or that pruning has overtaken, to the next line that exists. */
export const alignId = async (log: ReadableLog, id: number): Promise<number> => {
  const first = log.segments[0]?.base ?? log.end;
  if (!Number.isSafeInteger(id) || id <= first) return first;
  if (id >= log.end) return log.end;
  const segment = log.segments.find(({ base, size }) => id > base && id < base + size);
  if (segment === undefined) return id;
  const segmentEnd = segment.base + segment.size;
  const bytes = await readSegment(segment, id - 1, Math.min(segmentEnd, id + chunkBytes));
  const at = bytes?.indexOf(lineFeed) ?? -1;
  return at === -1 ? segmentEnd : id + at;
};
