import { lsnNumber, segmentStart } from './wal-segments.ts';

const pageBytes = 8192;
const [shortHead, longHead] = [24, 40];
const [continues, hasLongHead] = [0x1, 0x2];
const recordHead = 24;
/** Enough of a record for its head, the heads of its parts, and the time that its data begins with. */
const keptBytes = 64;
const transactions = 1;
const [commit, abort, commitPrepared, abortPrepared] = [0x00, 0x20, 0x30, 0x40];
const ends = new Set([commit, abort, commitPrepared, abortPrepared]);
const epochMicros = Date.UTC(2000, 0, 1) * 1000;

/** Where in the log a transaction has committed or aborted, and when by the server's clock. */
export interface TransactionEnd {
  /** Of the beginning of its record. */
  readonly lsn: number;
  /** Unix time. */
  readonly atMicros: number;
}

/** A record that goes on over the end of a page, or of a segment. */
interface Begun {
  readonly lsn: number;
  readonly head: Buffer;
  kept: number;
  left: number;
}

/**
 * Finds the ends of transactions in the log, which goes through it segment by segment. It trusts what it reads as far as
 * it must: the server verifies each record when it replays it.
 * @see PostgreSQL's src/include/access/xlogrecord.h and xlog_internal.h for the layout, which is that of versions 15 to 18
 */
export class TransactionEnds {
  #begun: Begun | undefined;

  /** @returns those whose records are over in this segment, in the log's order. */
  in(name: string, segment: Buffer): readonly TransactionEnd[] {
    const found: TransactionEnd[] = [];
    const start = segmentStart(name);
    for (let page = 0; page < segment.length; page += pageBytes) {
      const isWritten = segment.readBigUInt64LE(page + 8) === BigInt(start + page);
      if (!isWritten) break;
      this.#readPage(segment, page, start, found);
    }
    return found;
  }

  #readPage(segment: Buffer, page: number, start: number, found: TransactionEnd[]): void {
    const info = segment.readUInt16LE(page + 2);
    const end = page + pageBytes;
    let at = page + ((info & hasLongHead) === 0 ? shortHead : longHead);
    if ((info & continues) !== 0) {
      const left = segment.readUInt32LE(page + 16);
      // One that another record has taken the place of, after a crash, goes on nowhere.
      if (this.#begun?.left === left) this.#add(segment, at, end, found);
      else this.#begun = undefined;
      at = aligned(at + left);
    } else {
      this.#begun = undefined;
    }
    while (at < end) {
      const length = segment.readUInt32LE(at);
      if (length < recordHead) return; // The rest is empty: the server went on in another segment.
      const isLong = at + length > end;
      if (isLong || mayEnd(segment, at)) {
        this.#begun = { lsn: start + at, head: Buffer.alloc(keptBytes), kept: 0, left: length };
        this.#add(segment, at, end, found);
      }
      at = aligned(at + length);
    }
  }

  #add(segment: Buffer, from: number, pageEnd: number, found: TransactionEnd[]): void {
    const record = this.#begun;
    if (!record) return;
    const to = Math.min(from + record.left, pageEnd);
    record.kept += segment.copy(record.head, record.kept, from, to);
    record.left -= to - from;
    if (record.left > 0) return;
    this.#begun = undefined;
    const atMicros = mayEnd(record.head, 0) ? endedAt(record.head) : undefined;
    if (atMicros !== undefined) found.push({ lsn: record.lsn, atMicros });
  }
}

const aligned = (place: number): number => (place + 7) & ~7;

/** Whether the record at a place is about the end of a transaction. */
const mayEnd = (bytes: Buffer, at: number): boolean =>
  bytes[at + 17] === transactions && ends.has((bytes[at + 16] ?? 0) & 0x70);

const [dataShort, dataLong, origin, topTransaction] = [255, 254, 253, 252];

/** The time that the data of a record begins with; undefined for a record that isn't laid out as expected. */
const endedAt = (record: Buffer): number | undefined => {
  for (let at = recordHead; at < keptBytes - 16; ) {
    const kind = record[at];
    if (kind === origin) at += 3;
    else if (kind === topTransaction) at += 5;
    else if (kind === dataShort) return Number(record.readBigInt64LE(at + 2)) + epochMicros;
    else if (kind === dataLong) return Number(record.readBigInt64LE(at + 5)) + epochMicros;
    else return undefined;
  }
  return undefined;
};

/** Where the log may end for a moment, found by looking at one segment after the other. */
export class LogExtent {
  readonly #ends = new TransactionEnds();
  readonly #untilMicros: number;
  readonly #consistentFrom: number;
  /** The end of the last transaction that was over by then. */
  last: TransactionEnd | undefined;
  /** Whether a later end was met, so that nothing further is wanted. */
  isOver = false;

  /** @param consistentFrom place in the log that must be replayed in any case */
  constructor(until: Date, consistentFrom: string) {
    this.#untilMicros = until.getTime() * 1000;
    this.#consistentFrom = lsnNumber(consistentFrom);
  }

  /** @returns whether anything in the segment, or one before, is wanted of which that was not yet known. */
  wants(name: string, segment: Buffer): boolean {
    const start = segmentStart(name);
    let wanted = start <= this.#consistentFrom;
    for (const end of this.#ends.in(name, segment)) {
      if (end.lsn < this.#consistentFrom) continue;
      this.isOver = end.atMicros > this.#untilMicros;
      if (this.isOver) break;
      this.last = end;
      wanted = true;
    }
    return wanted;
  }
}
