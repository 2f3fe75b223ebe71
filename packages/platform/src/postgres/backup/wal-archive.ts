import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import { makeFolder, syncFolder, writeWhole } from '../../files/write-durably.ts';
import { ClusterError } from '../cluster-error.ts';
import { isArchived, isSegment, placeOf, segmentBytes } from './wal-segments.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);
/** In one piece, since each piece waits for a thread anew. */
const inOnePiece = { chunkSize: segmentBytes + 64 * 1024 };
const options = {
  ...inOnePiece,
  params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
};

/** Files that are put on disk together. */
const batch = 16;

/**
 * The write-ahead log that a server has archived. The server puts each file, whole and synced, into `inbox`, whether we
 * run or not; from there it is moved, compressed, into `shelf`. Killed anywhere, a file is in one of them or in both.
 */
export class WalArchive {
  /** Written by the server, and its own. */
  readonly inbox: string;
  readonly #shelf: string;
  #last: Promise<unknown> = Promise.resolve();

  constructor(inbox: string, shelf: string) {
    this.inbox = inbox;
    this.#shelf = shelf;
  }

  /** Compresses what has come in. @returns how many files. */
  shelve(): Promise<number> {
    const next = this.#last.catch(() => {}).then(() => this.#shelve());
    this.#last = next;
    return next;
  }

  async #shelve(): Promise<number> {
    const names = (await readdir(this.inbox).catch(() => [])).filter(isArchived).sort();
    if (names.length > 0) await makeFolder(this.#shelf, 0o700);
    for (let at = 0; at < names.length; at += batch) {
      const some = names.slice(at, at + batch);
      for (const name of some) {
        const raw = join(this.inbox, name);
        const kept = join(this.#shelf, `${name}.zst`);
        await writeWhole(kept, await compress(await readFile(raw), options));
      }
      await syncFolder(this.#shelf);
      for (const name of some) await rm(join(this.inbox, name), { force: true });
    }
    return names.length;
  }

  /** The names of everything archived, in their order. */
  async files(): Promise<readonly string[]> {
    // In this order, since a file may be moved on meanwhile.
    const raw = await readdir(this.inbox).catch(() => []);
    const kept = await readdir(this.#shelf).catch(() => []);
    const names = kept.filter((file) => file.endsWith('.zst')).map((file) => file.slice(0, -'.zst'.length));
    return [...new Set([...raw, ...names])].filter(isArchived).sort();
  }

  /** A file as the server wrote it. @throws ClusterError when it is damaged. */
  async read(name: string): Promise<Buffer> {
    try {
      const raw = await readFile(join(this.inbox, name)).catch(() => undefined);
      const content = raw ?? (await decompress(await readFile(join(this.#shelf, `${name}.zst`)), inOnePiece));
      if (isSegment(name) && content.length !== segmentBytes) throw new Error(`it has ${content.length} bytes`);
      return content;
    } catch (cause) {
      throw new ClusterError(
        `The archived log file ${name} is damaged: ${cause instanceof Error ? cause.message : String(cause)}.`,
        { cause },
      );
    }
  }

  /** Removes segments that lie wholly before a place in the log, and what a killed process has left half-written. */
  async forgetBefore(firstSegment: string): Promise<void> {
    for (const file of await readdir(this.#shelf).catch(() => [])) {
      const name = file.replace(/\.zst$/, '');
      const stale = isSegment(name.slice(0, 24)) && placeOf(name) < placeOf(firstSegment);
      if (stale || file.includes('.new-')) await rm(join(this.#shelf, file), { force: true });
    }
  }
}
