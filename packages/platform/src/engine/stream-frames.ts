import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';

/** One piece of a container's output, as the engine sends it for containers without a terminal. */
export interface StreamFrame {
  /** 1 is stdout, 2 is stderr. */
  readonly channel: number;
  readonly payload: Buffer;
}

const headerBytes = 8;

/** Cuts the engine's multiplexed streams into frames (Engine API reference, "Attach to a container", "Stream format"). */
export class FrameSplitter {
  #rest: Buffer = Buffer.alloc(0);

  push(bytes: Buffer): readonly StreamFrame[] {
    let rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, bytes]) : bytes;
    const frames: StreamFrame[] = [];
    while (rest.length >= headerBytes) {
      const end = headerBytes + rest.readUInt32BE(4);
      if (rest.length < end) break;
      frames.push({ channel: rest[0] ?? 0, payload: rest.subarray(headerBytes, end) });
      rest = rest.subarray(end);
    }
    this.#rest = rest;
    return frames;
  }
}

/**
 * Yields what came together, or within `gatherMs` of the first, as one batch, so that a reader who is behind takes big
 * steps. Ends with the stream.
 */
export const readInBatches = async function* (stream: Readable, gatherMs = 0): AsyncGenerator<Buffer> {
  let wake = (): void => {};
  let failure: Error | undefined;
  let ended = false;
  const onReadable = (): void => wake();
  const onEnd = (): void => {
    ended = true;
    wake();
  };
  const onError = (error: Error): void => {
    failure = error;
    wake();
  };
  stream.on('readable', onReadable);
  stream.once('end', onEnd);
  stream.once('close', onEnd);
  stream.on('error', onError);
  try {
    for (;;) {
      // Lets an end that comes right after the last bytes be told.
      stream.read(0);
      if (stream.readableLength === 0 && !ended && failure === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      if (gatherMs > 0 && !ended) await setTimeout(gatherMs);
      const batch: Buffer | null = stream.read(stream.readableLength || undefined);
      if (batch !== null) yield batch;
      else if (failure !== undefined) throw failure;
      else if (ended) return;
    }
  } finally {
    stream.off('readable', onReadable);
    stream.off('end', onEnd);
    stream.off('close', onEnd);
    stream.destroy();
  }
};
