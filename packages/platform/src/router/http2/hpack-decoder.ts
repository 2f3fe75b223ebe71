import { Field } from './field.ts';
import { staticFields } from './hpack-table.data.ts';
import { readHuffman } from './huffman.ts';

/** Size of the table that every peer may use; the router allows no more. */
const mostTableBytes = 4_096;
const mostInteger = 2 ** 28;

const known = staticFields.map(([name, value]) => Field.of(name, value));

/**
 * Reads blocks of fields, one after another, for each changes the table that the next refers to.
 * @see RFC 7541
 */
export class HpackDecoder {
  /** Those of the last block. */
  readonly fields: Field[] = [];
  /** Whether the last block held more than the router takes: then `fields` has only its beginning. */
  exceeds = false;
  readonly #mostListBytes: number;
  readonly #mostFields: number;
  /** The newest last. */
  readonly #table: Field[] = [];
  #tableBytes = 0;
  #limitBytes = mostTableBytes;
  #listBytes = 0;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  #to = 0;
  #failed = false;

  constructor(limits: { readonly listBytes: number; readonly fields: number }) {
    this.#mostListBytes = limits.listBytes;
    this.#mostFields = limits.fields;
  }

  /** @returns whether it could be read; after one that couldn't no further one can. */
  decode(bytes: Buffer, from: number, to: number): boolean {
    this.fields.length = 0;
    this.exceeds = false;
    this.#listBytes = 0;
    this.#bytes = bytes;
    this.#at = from;
    this.#to = to;
    let mayResize = true;
    while (this.#at < to && !this.#failed) {
      const first = bytes[this.#at] ?? 0;
      if (first >= 0x80) this.#emit(this.#fieldAt(this.#integer(0x7f)));
      else if (first >= 0x40) this.#literal(0x3f, true);
      else if (first >= 0x20) {
        if (mayResize) this.#resize(this.#integer(0x1f));
        else this.#failed = true;
        continue;
      } else this.#literal(0x0f, false);
      mayResize = false;
    }
    return !this.#failed;
  }

  #literal(mask: number, keep: boolean): void {
    const field = this.#readLiteral(this.#integer(mask));
    this.#emit(field);
    if (field && keep) this.#insert(field);
  }

  #readLiteral(index: number): Field | undefined {
    if (index > 0) {
      const named = this.#fieldAt(index);
      const value = this.#string();
      return value === undefined ? undefined : named?.withValue(value);
    }
    const name = this.#string();
    const value = this.#string();
    return name === undefined || value === undefined ? undefined : Field.of(name, value);
  }

  #emit(field: Field | undefined): void {
    if (!field) {
      this.#failed = true;
      return;
    }
    this.#listBytes += field.size;
    if (this.#listBytes > this.#mostListBytes || this.fields.length >= this.#mostFields) this.exceeds = true;
    else this.fields.push(field);
  }

  #fieldAt(index: number): Field | undefined {
    return index <= known.length ? known[index - 1] : this.#table[this.#table.length - (index - known.length)];
  }

  #insert(field: Field): void {
    this.#tableBytes += field.size;
    this.#table.push(field);
    this.#evict();
  }

  #resize(bytes: number): void {
    if (bytes > mostTableBytes) this.#failed = true;
    this.#limitBytes = bytes;
    this.#evict();
  }

  #evict(): void {
    while (this.#tableBytes > this.#limitBytes) this.#tableBytes -= this.#table.shift()?.size ?? 0;
  }

  /** Section 5.1; one that is far too large, or has no end, is a failure. */
  #integer(mask: number): number {
    let value = (this.#bytes[this.#at++] ?? 0) & mask;
    if (value < mask) return value;
    for (let shift = 0; this.#at < this.#to && shift <= 28; shift += 7) {
      const byte = this.#bytes[this.#at++] ?? 0;
      value += (byte & 0x7f) * 2 ** shift;
      if (value > mostInteger) break;
      if (byte < 0x80) return value;
    }
    this.#failed = true;
    return 0;
  }

  /** Section 5.2. */
  #string(): string | undefined {
    if (this.#failed || this.#at >= this.#to) return undefined;
    const isHuffman = (this.#bytes[this.#at] ?? 0) >= 0x80;
    const length = this.#integer(0x7f);
    const from = this.#at;
    this.#at += length;
    if (this.#failed || this.#at > this.#to) return undefined;
    return isHuffman ? readHuffman(this.#bytes, from, this.#at) : this.#bytes.toString('latin1', from, this.#at);
  }
}
