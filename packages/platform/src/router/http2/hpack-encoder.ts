import { staticFields } from './hpack-table.data.ts';

const nameIndexes = new Map<string, number>();
const statusIndexes = new Map<string, number>();
for (const [i, [name, value]] of staticFields.entries()) {
  if (!nameIndexes.has(name)) nameIndexes.set(name, i + 1);
  if (name === ':status') statusIndexes.set(value, i + 1);
}
/** Each integer and the bytes that it takes at most. */
const mostIntegerBytes = 6;

/**
 * Writes fields without a table of its own and without Huffman coding: a router that keeps no state for each client's
 * answers is cheaper than one that saves some bytes of them.
 * @see RFC 7541 section 6
 */
export class HpackEncoder {
  /** Holds the last block from 0 to `length`. */
  bytes: Buffer = Buffer.allocUnsafeSlow(4_096);
  length = 0;

  /** Begins a block. @param first whether it is the first of its connection, which says that no table is used */
  begin(status: number, first: boolean): void {
    this.length = 0;
    this.#makeRoom(3 * mostIntegerBytes);
    if (first) this.bytes[this.length++] = 0x20;
    const text = String(status);
    const index = statusIndexes.get(text);
    if (index === undefined) this.add(':status', text);
    else this.bytes[this.length++] = 0x80 | index;
  }

  /** @param name lower-case. Both are latin1. */
  add(name: string, value: string): void {
    this.#makeRoom(name.length + value.length + 3 * mostIntegerBytes);
    const index = nameIndexes.get(name);
    if (index === undefined) {
      this.bytes[this.length++] = 0;
      this.#string(name);
    } else this.#integer(0, 0x0f, index);
    this.#string(value);
  }

  /** Adds whole lines of HTTP/1.1, each with its CRLF. */
  addLines(lines: string): void {
    let from = 0;
    while (from < lines.length) {
      const to = lines.indexOf('\r\n', from);
      const colon = lines.indexOf(':', from);
      if (to < 0 || colon < 0) return;
      this.add(lines.slice(from, colon).toLowerCase(), lines.slice(colon + 1, to).trim());
      from = to + 2;
    }
  }

  #string(text: string): void {
    this.#integer(0, 0x7f, text.length);
    this.length += this.bytes.write(text, this.length, 'latin1');
  }

  #integer(pattern: number, mask: number, value: number): void {
    if (value < mask) {
      this.bytes[this.length++] = pattern | value;
      return;
    }
    this.bytes[this.length++] = pattern | mask;
    let rest = value - mask;
    for (; rest >= 0x80; rest >>= 7) this.bytes[this.length++] = (rest & 0x7f) | 0x80;
    this.bytes[this.length++] = rest;
  }

  #makeRoom(bytes: number): void {
    if (this.length + bytes <= this.bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (this.length + bytes));
    larger.set(this.bytes.subarray(0, this.length));
    this.bytes = larger;
  }
}
