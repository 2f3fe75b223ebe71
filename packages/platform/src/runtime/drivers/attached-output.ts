import { once } from 'node:events';
import type { Duplex } from 'node:stream';

/** Copies output to the client's stream; where that is gone, output is dropped so that the dyno can come to its end. */
export const drainOutput = async (output: AsyncIterable<Buffer>, stream: Duplex): Promise<void> => {
  for await (const chunk of output) {
    if (stream.destroyed || stream.writableEnded) continue;
    if (stream.write(chunk)) continue;
    const gone = new AbortController();
    const leave = (): void => gone.abort();
    stream.once('close', leave);
    await once(stream, 'drain', { signal: gone.signal }).catch(() => undefined);
    stream.off('close', leave);
  }
};
