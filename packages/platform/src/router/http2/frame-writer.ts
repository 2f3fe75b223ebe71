import type { TLSSocket } from 'node:tls';
import { flag, frameHeadBytes, frameType, mostFrameBytes } from './protocol.data.ts';

const usualBytes = 64 * 1_024;

/** Gathers frames, so that what one turn of the event loop brings for all streams of a client is one write. */
export class FrameWriter {
  readonly #socket: TLSSocket;
  #bytes = Buffer.allocUnsafeSlow(8 * 1_024);
  #length = 0;
  #scheduled = false;

  constructor(socket: TLSSocket) {
    this.#socket = socket;
  }

  /** Bytes that wait to be taken by the system. */
  get waiting(): number {
    return this.#length + this.#socket.writableLength;
  }

  frame(type: number, flags: number, stream: number, bytes: Uint8Array, from = 0, to = bytes.length): void {
    this.#head(type, flags, stream, to - from);
    this.#bytes.set(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to), this.#length);
    this.#length += to - from;
  }

  /** HEADERS, and CONTINUATION for what one frame can't hold. */
  headers(stream: number, block: Uint8Array, length: number, last: boolean): void {
    let from = 0;
    do {
      const to = Math.min(length, from + mostFrameBytes);
      const flags = (from === 0 && last ? flag.endStream : 0) | (to === length ? flag.endHeaders : 0);
      this.frame(from === 0 ? frameType.headers : frameType.continuation, flags, stream, block, from, to);
      from = to;
    } while (from < length);
  }

  /** RST_STREAM or WINDOW_UPDATE. */
  number(type: number, stream: number, value: number): void {
    this.#head(type, 0, stream, 4);
    this.#length = this.#bytes.writeUInt32BE(value, this.#length);
  }

  /** Writes what has been gathered. */
  readonly flush = (): void => {
    this.#scheduled = false;
    if (this.#length === 0) return;
    const socket = this.#socket;
    const bytes = this.#bytes.subarray(0, this.#length);
    this.#length = 0;
    if (!socket.writable) return;
    // TLS copies what it takes, but takes nothing while an earlier write is under way.
    const copies = socket.writableLength === 0;
    socket.write(bytes);
    if (!copies) this.#bytes = Buffer.allocUnsafeSlow(8 * 1_024);
  };

  #head(type: number, flags: number, stream: number, length: number): void {
    this.#makeRoom(frameHeadBytes + length);
    const bytes = this.#bytes;
    const at = this.#length;
    bytes[at] = length >> 16;
    bytes[at + 1] = length >> 8;
    bytes[at + 2] = length;
    bytes[at + 3] = type;
    bytes[at + 4] = flags;
    this.#length = bytes.writeUInt32BE(stream, at + 5);
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.flush);
  }

  #makeRoom(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    if (this.#length + bytes > usualBytes) this.flush();
    if (this.#length + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.min(usualBytes, 2 * (this.#length + bytes)));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
