import type { FileHandle } from 'node:fs/promises';
import type { BlobFiles, Piece } from './blob-files.ts';
import { readBytes } from './read-memory.ts';

/** Into memory of its own, since what was yielded before may still be on its way. */
const ownMemory = (bytes: number): Buffer => Buffer.allocUnsafeSlow(bytes);

/**
 * Bytes `from` to `to` (included) of pieces put together.
 * @param memory for the next bytes, asked for each time
 * @throws when a file is shorter than the books say
 */
export async function* readPieces(
  files: BlobFiles,
  pieces: readonly Piece[],
  { from, to }: { readonly from: number; readonly to: number },
  memory: (bytes: number) => Buffer = ownMemory,
): AsyncGenerator<Buffer> {
  let start = 0;
  for (const { blob, size } of pieces) {
    const first = Math.max(0, from - start);
    const end = Math.min(size, to + 1 - start);
    start += size;
    if (first >= end) continue;
    const file = await files.open(blob);
    try {
      for (let at = first; at < end; ) {
        const bytes = await readAt(file, at, memory(Math.min(readBytes, end - at)));
        if (bytes.length === 0) throw new Error(`file ${blob} has ${at} bytes; expected ${size}`);
        at += bytes.length;
        yield bytes;
      }
    } finally {
      await file.close();
    }
  }
}

const readAt = async (file: FileHandle, at: number, into: Buffer): Promise<Buffer> => {
  const { bytesRead } = await file.read(into, 0, into.length, at);
  return into.subarray(0, bytesRead);
};
