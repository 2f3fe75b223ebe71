import { setTimeout } from 'node:timers/promises';
import { containerLogs, inspectContainer } from '../../../engine/containers.ts';
import type { Engine } from '../../../engine/engine.ts';
import { FrameSplitter, readInBatches } from '../../../engine/stream-frames.ts';
import type { OutputChunk } from '../../driver.ts';
import { advance, formatPosition, type LogPosition, parsePosition, readFrameTime } from './log-position.ts';

const retryMs = 200;
/** The engine sends line by line; those of this time are passed on together. */
const gatherMs = 2;
const newline = 0x0a;

/** The frames after a position, out of a log that begins at the position's time. */
class LogTail {
  #position: LogPosition | undefined;
  #toSkip: number;
  readonly #splitter = new FrameSplitter();

  constructor(position: LogPosition | undefined) {
    this.#position = position;
    this.#toSkip = position?.seen ?? 0;
  }

  get position(): LogPosition | undefined {
    return this.#position;
  }

  /** Cuts after the last line end, so that a position at a line's end is there to be kept. */
  *push(batch: Buffer): Generator<OutputChunk> {
    const parts: Buffer[] = [];
    let whole: { readonly parts: number; readonly position: LogPosition } | undefined;
    for (const { payload } of this.#splitter.push(batch)) {
      const { since, bytes } = readFrameTime(payload);
      if (this.#toSkip > 0 && since === this.#position?.since) {
        this.#toSkip -= 1;
        continue;
      }
      this.#toSkip = 0;
      this.#position = advance(this.#position, since);
      parts.push(bytes);
      if (bytes.at(-1) === newline) whole = { parts: parts.length, position: this.#position };
    }
    const rest = parts.splice(whole?.parts ?? 0);
    if (whole !== undefined) yield { bytes: Buffer.concat(parts), position: formatPosition(whole.position) };
    if (rest.length > 0 && this.#position !== undefined)
      yield { bytes: Buffer.concat(rest), position: formatPosition(this.#position) };
  }
}

/**
 * Reads what a container writes from a position on until it has ended, across restarts of the engine. Nothing is lost or
 * given twice as long as the engine's log hasn't been rotated away.
 */
export const readContainerOutput = async function* (
  engine: Engine,
  container: string,
  position: string | undefined,
  signal: AbortSignal,
): AsyncGenerator<OutputChunk> {
  let reached = parsePosition(position);
  while (!signal.aborted) {
    const tail = new LogTail(reached);
    try {
      const found = await inspectContainer(engine, container);
      if (found === undefined) return;
      const follow = found.State.Running;
      const since = reached === undefined ? {} : { since: reached.since };
      const stream = await containerLogs(engine, container, { follow, signal, ...since });
      if (stream === undefined) return;
      for await (const batch of readInBatches(stream, gatherMs)) yield* tail.push(batch);
      // A log that was followed may end before the very last lines are in it.
      if (!follow) return;
    } catch {
      // The engine is away or the connection broke: read on from where we stand.
      await setTimeout(retryMs, undefined, { signal }).catch(() => undefined);
    }
    reached = tail.position;
  }
};
