import { Duplex } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import type { OutputChunk } from '../driver.ts';

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

/** Resolves when there is no such process; a dead one lingers until its parent, or the system's first process, has noticed. */
export const untilGone = async (pid: number): Promise<void> => {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await setTimeout(5);
  }
};
