import { Readable, type TransformOptions } from 'node:stream';
import { createInflate, type ZlibOptions } from 'node:zlib';
import { ArchiveError, type ArchiveHead, blocks, customFormat, magic, type TocEntry } from './toc.ts';

/** A table of contents of this many entries, or a text of this many bytes, is taken for damage. */
const mostEntries = 2_000_000;
const longestText = 256 * 1024 * 1024;

/** A mebibyte is decompressed ahead, while the reader is busy with what it has. */
const inflating: ZlibOptions & TransformOptions = { chunkSize: 256 * 1024, highWaterMark: 1024 * 1024 };

/** Data of one entry, to be read to its end before the next one is asked for. */
export type ArchiveBlock =
  | { readonly kind: 'data'; readonly id: number; readonly content: AsyncIterable<Buffer> }
  | { readonly kind: 'large-object'; readonly oid: number; readonly content: AsyncIterable<Buffer> };

/**
 * Reads a dump in pg_dump's custom format (`pg_dump -Fc`, versions 1.12 to 1.16) from its beginning to its end.
 * @throws ArchiveError from each method when the bytes aren't such a dump.
 */
export class ArchiveReader {
  readonly #source: AsyncIterator<Buffer>;
  #buffer: Buffer = Buffer.alloc(0);
  #read = 0;
  #head: ArchiveHead | undefined;

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Bytes read so far. */
  get bytesRead(): number {
    return this.#read;
  }

  /** To be called first. */
  async head(): Promise<ArchiveHead> {
    const start = (await this.#more(magic.length)) ? await this.#take(magic.length) : Buffer.alloc(0);
    if (start.toString('latin1') !== magic) {
      throw new ArchiveError("Expected a dump in pg_dump's custom format (pg_dump -Fc); the file is of another kind.");
    }
    const [major = 0, minor = 0] = await this.#take(3);
    const version = major * 100 + minor;
    if (version < 112 || version > 116) {
      throw new ArchiveError(`Expected a dump of format 1.12 to 1.16, got ${major}.${minor}.`);
    }
    const [intBytes, , format] = await this.#take(3);
    if (intBytes !== 4 || format !== customFormat) {
      throw new ArchiveError("Expected a dump in pg_dump's custom format (pg_dump -Fc), got its tar or folder format.");
    }
    const kind = version >= 115 ? ((await this.#take(1))[0] ?? 0) : (await this.#int()) !== 0 ? 1 : 0;
    if (kind > 1) throw new ArchiveError('The dump is compressed with lz4 or zstd; make it with pg_dump -Fc -Z gzip.');
    const [second, minute, hour, day, month, year] = [
      await this.#int(),
      await this.#int(),
      await this.#int(),
      await this.#int(),
      await this.#int(),
      await this.#int(),
    ];
    await this.#int();
    this.#head = {
      version,
      compression: kind === 1 ? 'gzip' : 'none',
      createdAt: new Date(Date.UTC(year + 1900, month, day, hour, minute, second)),
      database: (await this.#text()) ?? '',
      serverVersion: (await this.#text()) ?? '',
      dumpVersion: (await this.#text()) ?? '',
    };
    return this.#head;
  }

  /** To be called after the head. */
  async entries(): Promise<readonly TocEntry[]> {
    const count = await this.#int();
    if (count < 0 || count > mostEntries) throw new ArchiveError('The table of contents of the dump is damaged.');
    const found: TocEntry[] = [];
    for (let n = 0; n < count; n++) found.push(await this.#entry());
    return found;
  }

  /** To be called after the entries. */
  async *blocks(): AsyncGenerator<ArchiveBlock> {
    while (await this.#more()) {
      const [kind] = await this.#take(1);
      const id = await this.#int();
      if (kind === blocks.data) yield* this.#whole({ kind: 'data', id, content: this.#content() });
      else if (kind === blocks.largeObjects) {
        for (let oid = await this.#int(); oid !== 0; oid = await this.#int()) {
          yield* this.#whole({ kind: 'large-object', oid, content: this.#content() });
        }
      } else throw new ArchiveError(`Expected a block of data in the dump, got one of kind ${kind}.`);
    }
  }

  async *#whole(block: ArchiveBlock): AsyncGenerator<ArchiveBlock> {
    yield block;
    for await (const _ of block.content); // What the caller has left.
  }

  #content(): AsyncIterable<Buffer> {
    const chunks = this.#chunks();
    if (this.#head?.compression !== 'gzip') return chunks;
    const raw = Readable.from(chunks, { objectMode: false });
    const inflate = createInflate(inflating);
    raw.on('error', (error) => inflate.destroy(error));
    inflate.on('error', () => {}); // For a reader that has given up; one that reads on gets it from the iteration.
    return raw.pipe(inflate);
  }

  async *#chunks(): AsyncGenerator<Buffer> {
    for (let length = await this.#int(); length !== 0; length = await this.#int()) {
      if (length < 0 || length > longestText) throw new ArchiveError('A block of data of the dump is damaged.');
      yield await this.#take(length);
    }
  }

  async #entry(): Promise<TocEntry> {
    const version = this.#head?.version ?? 0;
    const text = () => this.#text();
    const entry = {
      id: await this.#int(),
      hasData: (await this.#int()) !== 0,
      catalogTable: (await text()) ?? '0',
      catalogOid: (await text()) ?? '0',
      tag: (await text()) ?? '',
      kind: (await text()) ?? '',
      section: await this.#int(),
      create: await text(),
      drop: await text(),
      copy: await text(),
      schema: await text(),
      tablespace: await text(),
      accessMethod: version >= 114 ? await text() : null,
    };
    if (version >= 116) await this.#int(); // the kind of relation
    const owner = await text();
    await text(); // whether rows have oids, which they no longer do
    const dependencies: string[] = [];
    for (let id = await text(); id !== null; id = await text()) dependencies.push(id);
    await this.#take(9); // where its data is; we read in order
    return { ...entry, owner, dependencies };
  }

  async #int(): Promise<number> {
    const bytes = await this.#take(5);
    const value = bytes.readUInt32LE(1);
    return bytes[0] === 0 ? value : -value;
  }

  async #text(): Promise<string | null> {
    const length = await this.#int();
    if (length < 0) return null;
    if (length > longestText) throw new ArchiveError('The table of contents of the dump is damaged.');
    return (await this.#take(length)).toString('utf8');
  }

  /** Whether that much is still to come. */
  async #more(length = 1): Promise<boolean> {
    const parts: Buffer[] = [this.#buffer];
    for (let have = this.#buffer.length; have < length; ) {
      const next = await this.#source.next();
      if (next.done) break;
      parts.push(next.value);
      have += next.value.length;
    }
    if (parts.length > 1) this.#buffer = Buffer.concat(parts);
    return this.#buffer.length >= length;
  }

  async #take(length: number): Promise<Buffer> {
    if (!(await this.#more(length))) {
      throw new ArchiveError('The dump ends too early; it was not written or sent as a whole.');
    }
    const taken = this.#buffer.subarray(0, length);
    this.#buffer = this.#buffer.subarray(length);
    this.#read += length;
    return taken;
  }
}
