import { type FileHandle, open, writeFile } from 'node:fs/promises';
import { deflateParts } from './deflate-parts.ts';
import { type ArchiveHead, blocks, customFormat, magic, offsets, type TocEntry } from './toc.ts';

/** The oldest version of the format that has all that we write; pg_restore 12 and newer read it. */
const written = [1, 14, 0] as const;

class Bytes {
  readonly #parts: Buffer[] = [];

  byte(value: number): this {
    this.#parts.push(Buffer.of(value));
    return this;
  }

  int(value: number): this {
    const bytes = Buffer.alloc(5);
    bytes[0] = value < 0 ? 1 : 0;
    bytes.writeUInt32LE(Math.abs(value), 1);
    this.#parts.push(bytes);
    return this;
  }

  text(value: string | null): this {
    if (value === null) return this.int(-1);
    const bytes = Buffer.from(value);
    this.int(bytes.length);
    this.#parts.push(bytes);
    return this;
  }

  offset(state: number, place: number): this {
    const bytes = Buffer.alloc(9);
    bytes[0] = state;
    bytes.writeBigUInt64LE(BigInt(place), 1);
    this.#parts.push(bytes);
    return this;
  }

  raw(value: Buffer): this {
    this.#parts.push(value);
    return this;
  }

  done(): Buffer {
    return Buffer.concat(this.#parts);
  }
}

const headBytes = (head: ArchiveHead): Buffer => {
  const at = head.createdAt;
  return new Bytes()
    .raw(Buffer.from(magic))
    .raw(Buffer.of(...written, 4, 8, customFormat))
    .int(head.compression === 'gzip' ? 1 : 0)
    .int(at.getUTCSeconds())
    .int(at.getUTCMinutes())
    .int(at.getUTCHours())
    .int(at.getUTCDate())
    .int(at.getUTCMonth())
    .int(at.getUTCFullYear() - 1900)
    .int(0)
    .text(head.database)
    .text(head.serverVersion)
    .text(head.dumpVersion)
    .done();
};

const tocBytes = (entries: readonly TocEntry[], places: ReadonlyMap<number, number>): Buffer => {
  const bytes = new Bytes().int(entries.length);
  for (const entry of entries) {
    bytes
      .int(entry.id)
      .int(entry.hasData ? 1 : 0)
      .text(entry.catalogTable)
      .text(entry.catalogOid);
    bytes.text(entry.tag).text(entry.kind).int(entry.section);
    bytes.text(entry.create).text(entry.drop).text(entry.copy);
    bytes.text(entry.schema).text(entry.tablespace).text(entry.accessMethod).text(entry.owner).text('false');
    for (const id of entry.dependencies) bytes.text(id);
    bytes.text(null);
    const place = places.get(entry.id);
    if (!entry.hasData) bytes.offset(offsets.none, 0);
    else bytes.offset(place === undefined ? offsets.notSet : offsets.set, place ?? 0);
  }
  return bytes.done();
};

/**
 * Writes a dump in pg_dump's custom format: head and table of contents, then a compressed block for each entry that has
 * data, then the table of contents anew, with the places of the blocks.
 */
export class ArchiveWriter implements AsyncDisposable {
  readonly #file: FileHandle;
  readonly #entries: readonly TocEntry[];
  readonly #tocAt: number;
  readonly #places = new Map<number, number>();
  #at: number;

  private constructor(file: FileHandle, entries: readonly TocEntry[], tocAt: number, at: number) {
    this.#file = file;
    this.#entries = entries;
    this.#tocAt = tocAt;
    this.#at = at;
  }

  static async create(path: string, head: ArchiveHead, entries: readonly TocEntry[]): Promise<ArchiveWriter> {
    const first = headBytes(head);
    const toc = tocBytes(entries, new Map());
    await writeFile(path, Buffer.concat([first, toc]), { flag: 'wx', mode: 0o600 });
    const file = await open(path, 'r+');
    return new ArchiveWriter(file, entries, first.length, first.length + toc.length);
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#at;
  }

  /** Writes the data of one entry. */
  async data(id: number, source: AsyncIterable<Buffer>): Promise<void> {
    this.#places.set(id, this.#at);
    await this.#write(new Bytes().byte(blocks.data).int(id).done());
    await this.#compressed(source);
  }

  /** Writes large objects, of which each has its number. */
  async largeObjects(
    id: number,
    objects: AsyncIterable<{ oid: number; content: AsyncIterable<Buffer> }>,
  ): Promise<void> {
    this.#places.set(id, this.#at);
    await this.#write(new Bytes().byte(blocks.largeObjects).int(id).done());
    for await (const { oid, content } of objects) {
      await this.#write(new Bytes().int(oid).done());
      await this.#compressed(content);
    }
    await this.#write(new Bytes().int(0).done());
  }

  /** Makes the file whole and puts it on disk. */
  async finish(): Promise<void> {
    await this.#file.write(tocBytes(this.#entries, this.#places), 0, null, this.#tocAt);
    await this.#file.sync();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#file.close();
  }

  async #compressed(source: AsyncIterable<Buffer>): Promise<void> {
    for await (const piece of deflateParts(source)) {
      // One of no length would end the block.
      if (piece.length > 0) await this.#write(new Bytes().int(piece.length).raw(piece).done());
    }
    await this.#write(new Bytes().int(0).done());
  }

  async #write(bytes: Buffer): Promise<void> {
    await this.#file.write(bytes, 0, bytes.length, this.#at);
    this.#at += bytes.length;
  }
}
