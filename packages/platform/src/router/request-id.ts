import { randomFillSync } from 'node:crypto';

const idBytes = 16;
const textBytes = 36;
const batch = 256;
const hyphen = 0x2d;
const hyphenAt = new Set([8, 13, 18, 23]);

const random = Buffer.allocUnsafeSlow(idBytes * batch);
const texts = Buffer.allocUnsafeSlow(textBytes * batch).fill(hyphen);
/** Where the digits of an id stand in its text. */
const digitPlaces = Array.from({ length: textBytes }, (_, at) => at).filter((at) => !hyphenAt.has(at));
const digits = Buffer.from('0123456789abcdef', 'latin1');
let next = batch;

/** Writes ids ahead: most of what a single one costs is asking for its random bytes. */
const refill = (): void => {
  randomFillSync(random);
  for (let id = 0; id < batch; id++) {
    const from = id * idBytes;
    random[from + 6] = ((random[from + 6] ?? 0) & 0x0f) | 0x40;
    random[from + 8] = ((random[from + 8] ?? 0) & 0x3f) | 0x80;
    for (let digit = 0; digit < digitPlaces.length; digit++) {
      const byte = random[from + (digit >> 1)] ?? 0;
      const value = digit % 2 === 0 ? byte >> 4 : byte & 0x0f;
      texts[id * textBytes + (digitPlaces[digit] ?? 0)] = digits[value] ?? 0;
    }
  }
  next = 0;
};

/** A random UUID. @see RFC 9562 section 5.4 */
export const newRequestId = (): string => {
  if (next === batch) refill();
  const from = next * textBytes;
  next++;
  return texts.toString('latin1', from, from + textBytes);
};
