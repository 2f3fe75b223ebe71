import { execFile } from 'node:child_process';
import { Duplex } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { OutputChunk } from '../driver.ts';

const run = promisify(execFile);

type Bytes = AsyncIterable<Buffer | OutputChunk>;

const bytesOf = (item: Buffer | OutputChunk): Buffer => (Buffer.isBuffer(item) ? item : item.bytes);

/** Everything up to the end. */
export const collect = async (source: Bytes): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const item of source) parts.push(bytesOf(item));
  return Buffer.concat(parts);
};

/** Everything up to the chunk that completes the text. @throws Error when the end comes first. */
export const readUntil = async (source: Bytes, wanted: string): Promise<string> => {
  let text = '';
  for await (const item of source) {
    text += bytesOf(item).toString();
    if (text.includes(wanted)) return text;
  }
  throw new Error(`Expected ${JSON.stringify(wanted)} in the output, got ${JSON.stringify(text)} and the end.`);
};

/** The client's end of an attached dyno: types the input at once, and keeps what it is shown. */
export const attachedTo = (
  input: string,
): { readonly stream: Duplex; readonly output: () => string; readonly seen: (text: string) => Promise<void> } => {
  let shown = '';
  const waiting = new Set<() => void>();
  const stream = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      shown += chunk.toString();
      for (const check of waiting) check();
      done();
    },
  });
  stream.push(input);
  const seen = (text: string): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (shown.includes(text)) resolve();
      };
      waiting.add(check);
      check();
    });
  return { stream, output: () => shown, seen };
};

/** Resolves when no process of this machine has the mark in its command line. */
export const untilGone = async (mark: string): Promise<void> => {
  while ((await run('ps', ['-A', '-o', 'args='], { maxBuffer: 1 << 26 })).stdout.includes(mark)) await setTimeout(5);
};
