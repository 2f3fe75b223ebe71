import type { Duplex, Writable } from 'node:stream';

const endOfTransmission = 0x04;
/** The official client ends piped input with the byte 0x04; one that more bytes follow within this time was data. */
const endHoldMs = 100;

/** Feeds a stream into a dyno's stdin until it ends or its last byte is 0x04. Returns the way to stop. */
export const feedInput = (stream: Duplex, stdin: Writable): (() => void) => {
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
