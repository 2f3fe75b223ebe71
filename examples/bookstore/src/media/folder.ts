import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Media } from './media.ts';

/** Uploads in a folder of this machine, for development. */
export class Folder implements Media {
  readonly #path: string;
  constructor(path: string) {
    this.#path = path;
  }

  async save(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await mkdir(this.#path, { recursive: true });
    const unfinished = join(this.#path, `.${randomUUID()}`);
    await writeFile(unfinished, bytes);
    await rename(unfinished, join(this.#path, name)); // Whole or not at all.
  }

  async read(name: string): Promise<Buffer | undefined> {
    return readFile(join(this.#path, name)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
  }
}
