/** Larger files are read from the disk each time. */
export const mostCachedBlobBytes = 64 * 1024;
const mostBytes = 16 * 1024 * 1024;

/** Small files that were read lately; they never change, and no name is used twice. The longest unread goes first. */
export class BlobCache {
  readonly #kept = new Map<string, Buffer>();
  #bytes = 0;

  get(blob: string): Buffer | undefined {
    const bytes = this.#kept.get(blob);
    if (bytes !== undefined) {
      // The map's order is that of the last reading.
      this.#kept.delete(blob);
      this.#kept.set(blob, bytes);
    }
    return bytes;
  }

  keep(blob: string, bytes: Buffer): void {
    this.forget(blob);
    this.#kept.set(blob, bytes);
    this.#bytes += bytes.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#bytes <= mostBytes) return;
      this.forget(oldest);
    }
  }

  forget(blob: string): void {
    this.#bytes -= this.#kept.get(blob)?.length ?? 0;
    this.#kept.delete(blob);
  }
}
