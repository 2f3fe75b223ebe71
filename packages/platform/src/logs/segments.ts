import { type FileHandle, mkdir, open, readdir } from 'node:fs/promises';
import path from 'node:path';

/** One file of an app's log; it holds the bytes with ids from `base` to `base + size`. */
export interface Segment {
  readonly file: string;
  readonly base: number;
  size: number;
  /** Last write, Unix time in milliseconds. */
  writtenAtMs: number;
  /** First write, Unix time in milliseconds. */
  readonly begunAtMs: number;
}

const blockBytes = 64 * 1024;
const lineFeed = 10;

/** Where a segment lives; the name is its base, padded so that names sort as numbers do. */
export const newSegment = (folder: string, base: number, nowMs: number): Segment => ({
  file: path.join(folder, `${String(base).padStart(16, '0')}.log`),
  base,
  size: 0,
  writtenAtMs: nowMs,
  begunAtMs: nowMs,
});

/** Finds an app's segments, oldest first, and cuts a line that a crash has left half-written. */
export const openSegments = async (folder: string): Promise<Segment[]> => {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const names = (await readdir(folder)).filter((name) => /^\d{16}\.log$/.test(name)).sort();
  const segments: Segment[] = [];
  for (const name of names) {
    const file = path.join(folder, name);
    const handle = await open(file, 'r+');
    try {
      const { size, mtimeMs, birthtimeMs } = await handle.stat();
      const whole = name === names.at(-1) ? await cutTornLine(handle, size) : size;
      // File systems that know no birth time report 0.
      const begunAtMs = birthtimeMs > 0 ? Math.min(birthtimeMs, mtimeMs) : mtimeMs;
      segments.push({ file, base: Number(name.slice(0, 16)), size: whole, writtenAtMs: mtimeMs, begunAtMs });
    } finally {
      await handle.close();
    }
  }
  return segments;
};

const cutTornLine = async (handle: FileHandle, size: number): Promise<number> => {
  let end = size;
  while (end > 0) {
    const start = Math.max(0, end - blockBytes);
    const block = Buffer.alloc(end - start);
    await handle.read(block, 0, block.length, start);
    const at = block.lastIndexOf(lineFeed);
    end = at === -1 ? start : start + at + 1;
    if (at !== -1) break;
  }
  if (end < size) await handle.truncate(end);
  return end;
};

/** Reads ids `from` to `to`, which lie in this segment; nothing when the segment has been removed meanwhile. */
export const readSegment = async (segment: Segment, from: number, to: number): Promise<Buffer | undefined> => {
  let handle: FileHandle;
  try {
    handle = await open(segment.file, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  try {
    const bytes = Buffer.allocUnsafe(to - from);
    let filled = 0;
    while (filled < bytes.length) {
      const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, from - segment.base + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  } finally {
    await handle.close();
  }
};
