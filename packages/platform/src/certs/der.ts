/** Distinguished Encoding Rules (ITU-T X.690), as far as certificates need them: only writing. */

const sequenceTag = 0x30;
const setTag = 0x31;
const contextTag = 0xa0;

/** A value with its tag and length. */
export const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const content = Buffer.concat(parts);
  const length = content.length;
  if (length < 0x80) return Buffer.concat([Buffer.of(tag, length), content]);
  const bytes = Buffer.from(length.toString(16).padStart(length > 0xff ? 4 : 2, '0'), 'hex');
  return Buffer.concat([Buffer.of(tag, 0x80 | bytes.length), bytes, content]);
};

export const sequence = (...parts: readonly Uint8Array[]): Buffer => der(sequenceTag, ...parts);
export const setOf = (part: Uint8Array): Buffer => der(setTag, part);
/** `[number]` around other values. */
export const context = (number: number, ...parts: readonly Uint8Array[]): Buffer => der(contextTag | number, ...parts);
export const octetString = (content: Uint8Array): Buffer => der(0x04, content);
export const boolean = (value: boolean): Buffer => der(0x01, Buffer.of(value ? 0xff : 0));

/** @param bytes big-endian, not negative */
export const integer = (bytes: Uint8Array): Buffer =>
  der(0x02, ((bytes[0] ?? 0) & 0x80) === 0 ? bytes : Buffer.concat([Buffer.of(0), bytes]));

/** @param unused bits at the end of the last byte */
export const bitString = (content: Uint8Array, unused = 0): Buffer => der(0x03, Buffer.of(unused), content);

/** @param dotted `2.5.4.3` */
export const objectIdentifier = (dotted: string): Buffer => {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((arc) => {
    const septets = [arc & 0x7f];
    for (let left = arc >>> 7; left > 0; left >>>= 7) septets.unshift((left & 0x7f) | 0x80);
    return septets;
  });
  return der(0x06, Buffer.from(bytes));
};

/** PrintableString where its alphabet is enough, UTF8String for all else. */
export const text = (value: string): Buffer =>
  der(/^[A-Za-z0-9 '()+,./:=?-]*$/.test(value) ? 0x13 : 0x0c, Buffer.from(value));

/** Years up to 2049 in two digits, as RFC 5280 section 4.1.2.5 wants it. */
export const time = (date: Date): Buffer => {
  const digits = `${date.toISOString().replaceAll(/\D/g, '').slice(0, 14)}Z`;
  return date.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(digits.slice(2))) : der(0x18, Buffer.from(digits));
};
