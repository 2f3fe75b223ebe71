import { randomBytes } from 'node:crypto';
import { type FileHandle, link, mkdir, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../../files/write-durably.ts';
import { type BlobCache, mostCachedBlobBytes } from './blob-cache.ts';
import { ReadMemory } from './read-memory.ts';

/** Some bytes of an object: one file. */
export interface Piece {
  readonly blob: string;
  readonly size: number;
}

/** Where a file is in the folder of all. */
export const placeOf = (folder: string, blob: string): string => join(folder, blob.slice(0, 2), blob);

/**
 * The files of one account's objects. A file is written once under a random name, and nobody knows it before the
 * database does: what a killed process leaves behind is set aside at the next start.
 */
export class BlobFiles {
  readonly #folder: string;
  readonly #folders = new Set<string>();
  /** Being written, or not yet known to the database. */
  readonly #fresh = new Set<string>();
  readonly #readers = new Map<string, number>();
  readonly #doomed = new Set<string>();

  readonly #cache: BlobCache;
  readonly memory = new ReadMemory();

  constructor(folder: string, cache: BlobCache) {
    this.#folder = folder;
    this.#cache = cache;
  }

  async create(): Promise<BlobWriter> {
    const blob = randomBytes(16).toString('hex');
    this.#fresh.add(blob);
    try {
      const folder = await this.#folderOf(blob);
      const file = await open(join(folder, blob), 'wx', 0o600);
      return new BlobWriter(blob, file, folder, () => this.discard([blob]));
    } catch (error) {
      this.#fresh.delete(blob);
      throw error;
    }
  }

  /** Another name for a file of this or another account, so that a copy costs nothing. */
  async linkFrom(other: BlobFiles, blob: string): Promise<string> {
    const copy = randomBytes(16).toString('hex');
    this.#fresh.add(copy);
    const folder = await this.#folderOf(copy);
    await link(other.#path(blob), join(folder, copy));
    await syncFolder(folder);
    return copy;
  }

  /** All bytes of a small file, which are not to be changed; undefined: it is not small. @throws when it is shorter than the books say */
  async small({ blob, size }: Piece): Promise<Buffer | undefined> {
    if (size > mostCachedBlobBytes) return undefined;
    const kept = this.#cache.get(blob);
    if (kept !== undefined) return kept;
    await using file = await this.open(blob);
    const bytes = Buffer.allocUnsafeSlow(size);
    const { bytesRead } = await file.read(bytes, 0, size, 0);
    if (bytesRead < size) throw new Error(`file ${blob} has ${bytesRead} bytes; expected ${size}`);
    this.#cache.keep(blob, bytes);
    return bytes;
  }

  open(blob: string): Promise<FileHandle> {
    return open(this.#path(blob), 'r');
  }

  /** The database knows them: from here on its word counts. */
  settle(blobs: readonly string[]): void {
    for (const blob of blobs) this.#fresh.delete(blob);
  }

  /** Removes files that came to nothing. */
  async discard(blobs: readonly string[]): Promise<void> {
    for (const blob of blobs) {
      this.#cache.forget(blob);
      await unlink(this.#path(blob)).catch(() => undefined); // Gone already, or the next start sees to it.
    }
    this.settle(blobs);
  }

  /** They stay readable until the answer is called, whatever becomes of the object. */
  pin(blobs: readonly string[]): () => void {
    for (const blob of blobs) this.#readers.set(blob, (this.#readers.get(blob) ?? 0) + 1);
    return () => {
      for (const blob of blobs) {
        const left = (this.#readers.get(blob) ?? 1) - 1;
        if (left > 0) this.#readers.set(blob, left);
        else this.#readers.delete(blob);
        if (left === 0 && this.#doomed.delete(blob)) void this.discard([blob]);
      }
    };
  }

  /** Removes files that the database no longer names, those that are being read when they have been. */
  async remove(blobs: readonly string[]): Promise<void> {
    const free = blobs.filter((blob) => !this.#readers.has(blob));
    for (const blob of blobs) if (this.#readers.has(blob)) this.#doomed.add(blob);
    await this.discard(free);
  }

  /** Whether it is being written or read, whatever the database says. */
  isInUse(blob: string): boolean {
    return this.#fresh.has(blob) || this.#readers.has(blob);
  }

  #path(blob: string): string {
    return placeOf(this.#folder, blob);
  }

  async #folderOf(blob: string): Promise<string> {
    const folder = join(this.#folder, blob.slice(0, 2));
    if (this.#folders.has(folder)) return folder;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await syncFolder(this.#folder);
    this.#folders.add(folder);
    return folder;
  }
}

/** Bytes are gathered, so that small pieces cost no call of the system each. */
const gatherBytes = 512 * 1024;

export class BlobWriter {
  readonly blob: string;
  size = 0;
  readonly #file: FileHandle;
  readonly #folder: string;
  readonly #remove: () => Promise<void>;
  #gathered: Uint8Array[] = [];
  #gatheredBytes = 0;

  constructor(blob: string, file: FileHandle, folder: string, remove: () => Promise<void>) {
    this.blob = blob;
    this.#file = file;
    this.#folder = folder;
    this.#remove = remove;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#gathered.push(bytes);
    this.#gatheredBytes += bytes.length;
    if (this.#gatheredBytes >= gatherBytes) await this.#flush();
  }

  /** On the disk, name and all, when it resolves. */
  async finish(): Promise<Piece> {
    await this.#flush();
    await this.#file.datasync();
    await this.#file.close();
    await syncFolder(this.#folder);
    return { blob: this.blob, size: this.size };
  }

  async discard(): Promise<void> {
    await this.#file.close().catch(() => undefined); // It may be closed already.
    await this.#remove();
  }

  async #flush(): Promise<void> {
    let left = this.#gathered;
    this.#gathered = [];
    this.#gatheredBytes = 0;
    while (left.length > 0) {
      const { bytesWritten } = await this.#file.writev(left);
      this.size += bytesWritten;
      left = withoutFirst(left, bytesWritten);
    }
  }
}

const withoutFirst = (pieces: readonly Uint8Array[], bytes: number): Uint8Array[] => {
  let skip = bytes;
  return pieces.flatMap((piece) => {
    const rest = piece.subarray(Math.min(skip, piece.length));
    skip -= piece.length - rest.length;
    return rest.length === 0 ? [] : [rest];
  });
};
