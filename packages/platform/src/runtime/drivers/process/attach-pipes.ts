import { once } from 'node:events';
import { type Duplex, Readable, Writable } from 'node:stream';
import type { DynoStatus } from '../../driver.ts';
import { type AttachOptions, hangUpWith, type Started } from './attach.ts';
import { spawnShim } from './spawn-shim.ts';

const endOfTransmission = 0x04;
/** The official client ends piped input with the byte 0x04; one that more bytes follow within this time was data. */
const endHoldMs = 100;

/** Feeds a stream into stdin until it ends or its last byte is 0x04. Returns the way to stop. */
const feed = (stream: Duplex, stdin: Writable): (() => void) => {
  let held: NodeJS.Timeout | undefined;
  const end = (): void => {
    clearTimeout(held);
    stdin.end();
  };
  const onData = (bytes: Buffer): void => {
    if (held !== undefined) stdin.write(Buffer.of(endOfTransmission));
    clearTimeout(held);
    held = undefined;
    const isLast = bytes.at(-1) === endOfTransmission;
    if (isLast) held = setTimeout(end, endHoldMs);
    const rest = isLast ? bytes.subarray(0, -1) : bytes;
    if (rest.length === 0 || stdin.write(rest) || stdin.destroyed) return;
    stream.pause();
    stdin.once('drain', () => stream.resume());
  };
  stdin.on('error', () => stream.resume());
  stream.on('data', onData);
  stream.once('end', end);
  return () => {
    clearTimeout(held);
    stream.off('data', onData);
    stream.off('end', end);
    stdin.destroy();
  };
};

/** Copies output to the stream; where the stream is gone, output is dropped so that the dyno can come to its end. */
const drain = async (output: Readable, stream: Duplex): Promise<void> => {
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

const codeOf = ({ state }: DynoStatus): number => (state.kind === 'exited' ? (state.exitCode ?? 137) : 137);

/** Runs a dyno with stdin, stdout and stderr as pipes. */
export const runPiped = async (options: AttachOptions, started: Started): Promise<number> => {
  const { child, record } = await spawnShim(options.launch, true);
  const exited = once(child, 'exit');
  const dyno = started(record);
  using _ = hangUpWith(dyno, options);
  const [stdin, , , output] = child.stdio;
  if (!(stdin instanceof Writable) || !(output instanceof Readable)) throw new Error('Expected pipes to the dyno.');
  const stop = feed(options.stream, stdin);
  const drained = drain(output, options.stream);
  const never = new AbortController().signal;
  while (dyno.running) await dyno.changed(dyno.changes, never);
  stop();
  await drained;
  await exited;
  dyno.observe();
  return codeOf(dyno.status());
};
