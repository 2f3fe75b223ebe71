import { createHash } from 'node:crypto';
import { ClusterError } from '../cluster-error.ts';

const blockBytes = 512;

interface Manifest {
  readonly Files: readonly { readonly Path?: string; readonly 'Encoded-Path'?: string; readonly Size: number }[];
  readonly 'Manifest-Checksum': string;
}

/**
 * Reads along as the tar archive of a base backup goes by, and tells whether it holds what its manifest lists.
 * The contents of the pages have checksums of their own, which the server verifies as it sends them.
 * @see POSIX.1-2017 pax, "ustar Interchange Format"; PostgreSQL documentation, "Backup Manifest Format"
 */
export class TarCheck {
  readonly #sizes = new Map<string, number>();
  #header = Buffer.alloc(0);
  #skip = 0;

  add(bytes: Buffer): void {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, rest.length);
        this.#skip -= skipped;
        rest = rest.subarray(skipped);
        continue;
      }
      const wanted = blockBytes - this.#header.length;
      this.#header = Buffer.concat([this.#header, rest.subarray(0, wanted)]);
      rest = rest.subarray(wanted);
      if (this.#header.length === blockBytes) this.#readHeader();
    }
  }

  /** @returns the bytes of all files. @throws ClusterError when a file is absent or of another size. */
  assertMatches(manifestText: string): number {
    const manifest = JSON.parse(manifestText) as Manifest; // Its checksum is compared below.
    const signed = manifestText.slice(0, manifestText.lastIndexOf('"Manifest-Checksum"'));
    const digest = createHash('sha256').update(signed).digest('hex');
    if (digest !== manifest['Manifest-Checksum']) throw new ClusterError('The manifest of the base backup is damaged.');
    let total = 0;
    for (const file of manifest.Files) {
      const path = file.Path ?? Buffer.from(file['Encoded-Path'] ?? '', 'hex').toString('utf8');
      const size = this.#sizes.get(path);
      if (size !== file.Size) {
        throw new ClusterError(
          `The base backup lacks a part: ${path} should have ${file.Size} bytes and has ${size ?? 'none'}.`,
        );
      }
      total += size;
    }
    return total;
  }

  #readHeader(): void {
    const header = this.#header;
    this.#header = Buffer.alloc(0);
    const text = (from: number, length: number) => header.toString('utf8', from, from + length).replace(/\0.*$/s, '');
    const name = text(0, 100);
    if (name === '') return; // the end of the archive
    const prefix = text(345, 155);
    const size = Number.parseInt(text(124, 12), 8) || 0;
    if (text(156, 1) === '0' || text(156, 1) === '') this.#sizes.set(prefix === '' ? name : `${prefix}/${name}`, size);
    this.#skip = Math.ceil(size / blockBytes) * blockBytes;
  }
}
