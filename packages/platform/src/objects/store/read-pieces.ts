import type { FileHandle } from 'node:fs/promises';
import type { BlobFiles, Piece } from './blob-files.ts';

/** Read at a time: what a transfer holds in memory, whatever the object's size. */
const readBytes = 256 * 1024;

/**
 * Bytes `from` to `to` (included) of pieces put together.
 * @throws when a file is shorter than the books say
 */
export async function* readPieces(
  files: BlobFiles,
  pieces: readonly Piece[],
  { from, to }: { readonly from: number; readonly to: number },
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
        const bytes = await readAt(file, at, Math.min(readBytes, end - at));
        if (bytes.length === 0) throw new Error(`file ${blob} has ${at} bytes; expected ${size}`);
        at += bytes.length;
        yield bytes;
      }
    } finally {
      await file.close();
    }
  }
}

/** Into memory of its own, since what was yielded before may still be on its way. */
const readAt = async (file: FileHandle, at: number, length: number): Promise<Buffer> => {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafeSlow(length), 0, length, at);
  return buffer.subarray(0, bytesRead);
};
