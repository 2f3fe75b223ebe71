import { execFile } from 'node:child_process';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { OutputChunk } from '../../driver.ts';

const run = promisify(execFile);
const readBytes = 64 * 1024;
/** Space goes back in steps of this size, so that a chatty dyno doesn't start a process for each line. */
const punchBytes = 1024 * 1024;
const blockBytes = 4096;

/** What a reader must know of the writer. */
export interface Writer {
  /** Grows whenever the dyno may have written or ended. */
  readonly changes: number;
  /** Nobody writes any more. */
  readonly closed: boolean;
  /** Resolves soon after `changes` has gone beyond `seen`, or the signal fires. */
  changed(seen: number, signal: AbortSignal): Promise<void>;
}

const newline = 0x0a;

/** Cuts after the last line end, so that a position at a line's end is there to be kept. */
const chunksOf = function* (bytes: Buffer, start: number): Generator<OutputChunk> {
  const cut = bytes.lastIndexOf(newline) + 1;
  if (cut > 0) yield { bytes: bytes.subarray(0, cut), position: String(start + cut) };
  if (cut < bytes.length) yield { bytes: bytes.subarray(cut), position: String(start + bytes.length) };
};

/** Reads an append-only file from a byte offset on, until its writer is done. */
export const readOutput = async function* (
  file: string,
  position: string | undefined,
  writer: Writer,
  signal: AbortSignal,
): AsyncGenerator<OutputChunk> {
  let offset = Number(position ?? 0);
  await using handle = await open(file, 'r');
  // One for all reads, since most find a line or nothing; what was read is copied out, for readers may keep it.
  const buffer = Buffer.allocUnsafeSlow(readBytes);
  while (!signal.aborted) {
    const { changes: seen, closed } = writer;
    const { bytesRead } = await handle.read(buffer, 0, readBytes, offset);
    if (bytesRead > 0) {
      yield* chunksOf(Buffer.from(buffer.subarray(0, bytesRead)), offset);
      offset += bytesRead;
    } else if (closed) {
      return;
    } else {
      await writer.changed(seen, signal);
    }
  }
};

const punch = (file: string, from: number, to: number): Promise<unknown> =>
  run('fallocate', ['--punch-hole', '--offset', String(from), '--length', String(to - from), file]);

/** Gives disk space of read output back while offsets keep growing; without hole punching it comes back with `remove`. */
export class OutputReleaser {
  readonly #released = new Map<string, number>();
  readonly #able: Promise<boolean>;

  constructor(folder: string) {
    this.#able = tryPunch(folder);
  }

  async release(file: string, position: string): Promise<void> {
    const from = this.#released.get(file) ?? 0;
    const to = Math.floor(Number(position) / blockBytes) * blockBytes;
    if (to - from < punchBytes) return;
    this.#released.set(file, to);
    if (await this.#able) await punch(file, from, to).catch(() => undefined);
  }

  forget(file: string): void {
    this.#released.delete(file);
  }

  /** Resolves when no trial file is left behind. */
  async settled(): Promise<void> {
    await this.#able;
  }
}

const tryPunch = async (folder: string): Promise<boolean> => {
  const trial = await mkdtemp(join(folder, '.trial-')).catch(() => undefined);
  if (trial === undefined) return false;
  try {
    const file = join(trial, 'file');
    await using handle = await open(file, 'w');
    await handle.write(Buffer.alloc(2 * blockBytes, 1));
    await punch(file, 0, blockBytes);
    return true;
  } catch {
    return false;
  } finally {
    await rm(trial, { recursive: true, force: true });
  }
};
