import { isTokenByte } from './field-syntax.ts';

const cr = 0x0d;
const lf = 0x0a;
const mostSizeDigits = 15;
const mostExtensionBytes = 4_096;
const mostTrailerBytes = 8_192;

/** The value of each hexadecimal digit; 16 for every other byte. */
const digitValue = new Uint8Array(256).fill(16);
for (let value = 0; value < 16; value++) {
  digitValue[value.toString(16).charCodeAt(0)] = value;
  digitValue[value.toString(16).toUpperCase().charCodeAt(0)] = value;
}

const isText = (byte: number): boolean => byte === 0x09 || (byte >= 0x20 && byte !== 0x7f);

/** Where a chunked body is: each name says what must come next. */
type Place =
  | 'size'
  | 'extension'
  | 'quoted'
  | 'escaped'
  | 'size LF'
  | 'data'
  | 'data CR'
  | 'data LF'
  | 'trailer'
  | 'trailer name'
  | 'trailer value'
  | 'trailer LF'
  | 'last LF';

/**
 * Finds where a body ends, and what of it is payload. One decoder serves one body after another.
 * - with a length: that many bytes
 * - chunked: RFC 9112 section 7.1, read strictly; extensions and trailers are dropped
 * - until close: everything
 */
export class BodyDecoder {
  /** Payload of the last `decode`: chunks are moved together, so that it is one piece. */
  from = 0;
  to = 0;
  /** Index after the last byte that the last `decode` took. */
  end = 0;
  #left = 0;
  #chunked = false;
  #place: Place = 'size';
  #digits = 0;
  #overhead = 0;

  startLength(bytes: number): void {
    this.#chunked = false;
    this.#left = bytes;
  }

  startChunked(): void {
    this.#chunked = true;
    this.#left = 0;
    this.#place = 'size';
    this.#digits = 0;
    this.#overhead = 0;
  }

  startUntilClose(): void {
    this.startLength(Number.POSITIVE_INFINITY);
  }

  /** Takes bytes between two indexes; for a chunked body it may move payload to the front of its place in `bytes`. */
  decode(bytes: Uint8Array, from: number, to: number): 'more' | 'done' | 'bad' {
    if (this.#chunked) return this.#decodeChunks(bytes, from, to);
    const taken = Math.min(to - from, this.#left);
    this.#left -= taken;
    this.from = from;
    this.to = from + taken;
    this.end = this.to;
    return this.#left === 0 ? 'done' : 'more';
  }

  #decodeChunks(bytes: Uint8Array, from: number, to: number): 'more' | 'done' | 'bad' {
    this.from = from;
    this.to = from;
    let at = from;
    while (at < to) {
      if (this.#place === 'data') {
        const taken = Math.min(to - at, this.#left);
        if (this.to === this.from) this.from = this.to = at;
        else if (this.to !== at) bytes.copyWithin(this.to, at, at + taken);
        this.to += taken;
        this.#left -= taken;
        at += taken;
        if (this.#left === 0) this.#place = 'data CR';
        continue;
      }
      const byte = bytes[at++] ?? 0;
      if (this.#place === 'last LF' && byte === lf) {
        this.end = at;
        return 'done';
      }
      const next = this.#step(byte);
      if (next === undefined) return 'bad';
      this.#place = next;
    }
    this.end = to;
    return 'more';
  }

  /** The place after a byte that isn't payload; undefined when it may not stand here. */
  #step(byte: number): Place | undefined {
    switch (this.#place) {
      case 'size':
        return this.#stepSize(byte);
      case 'extension':
        if (byte === cr) return 'size LF';
        if (++this.#overhead > mostExtensionBytes || !isText(byte)) return undefined;
        return byte === 0x22 ? 'quoted' : 'extension';
      case 'quoted':
        if (++this.#overhead > mostExtensionBytes || !isText(byte)) return undefined;
        if (byte === 0x5c) return 'escaped';
        return byte === 0x22 ? 'extension' : 'quoted';
      case 'escaped':
        return ++this.#overhead > mostExtensionBytes || !isText(byte) ? undefined : 'quoted';
      case 'size LF':
        if (byte !== lf) return undefined;
        this.#digits = 0;
        return this.#left > 0 ? 'data' : 'trailer';
      case 'data CR':
        return byte === cr ? 'data LF' : undefined;
      case 'data LF':
        return byte === lf ? 'size' : undefined;
      case 'trailer':
        if (byte === cr) return 'last LF';
        return isTokenByte(byte) ? this.#inTrailer('trailer name') : undefined;
      case 'trailer name':
        if (byte === 0x3a) return 'trailer value';
        return isTokenByte(byte) ? this.#inTrailer('trailer name') : undefined;
      case 'trailer value':
        if (byte === cr) return 'trailer LF';
        return isText(byte) ? this.#inTrailer('trailer value') : undefined;
      case 'trailer LF':
        return byte === lf ? 'trailer' : undefined;
      default:
        return undefined;
    }
  }

  #stepSize(byte: number): Place | undefined {
    const value = digitValue[byte] ?? 16;
    if (value < 16) {
      this.#left = this.#left * 16 + value;
      return ++this.#digits > mostSizeDigits || !Number.isSafeInteger(this.#left) ? undefined : 'size';
    }
    if (this.#digits === 0) return undefined;
    if (byte === cr) return 'size LF';
    return byte === 0x3b ? 'extension' : undefined;
  }

  #inTrailer(place: Place): Place | undefined {
    return ++this.#overhead > mostTrailerBytes + mostExtensionBytes ? undefined : place;
  }
}
