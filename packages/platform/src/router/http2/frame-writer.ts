import type { TLSSocket } from 'node:tls';
import { flag, frameHeadBytes, frameType, mostFrameBytes } from './protocol.data.ts';

const roomBytes = 64 * 1_024;
const mostRooms = 64;
/** Copying fewer bytes one by one is cheaper than a view of them. */
const fewBytes = 64;

/** Memory without work, for whoever writes next: a client that is idle has none. */
const rooms: Buffer[] = [];

/** Those who have something to write at the end of this turn of the event loop. */
let busy: FrameWriter[] = [];

const flushAll = (): void => {
  const all = busy;
  busy = [];
  for (const writer of all) writer.flush();
};

/** Gathers frames, so that what one turn of the event loop brings for all streams of a client is one write. */
export class FrameWriter {
  readonly #socket: TLSSocket;
  #room: Buffer | undefined;
  #length = 0;
  #isBusy = false;

  constructor(socket: TLSSocket) {
    this.#socket = socket;
  }

  /** Bytes that wait to be taken by the system. */
  get waiting(): number {
    return this.#length + this.#socket.writableLength;
  }

  frame(type: number, flags: number, stream: number, bytes: Uint8Array, from = 0, to = bytes.length): void {
    const size = to - from;
    const room = this.#begin(type, flags, stream, size);
    if (size <= fewBytes) for (let i = 0; i < size; i++) room[this.#length + i] = bytes[from + i] ?? 0;
    else room.set(bytes.subarray(from, to), this.#length);
    this.#length += size;
  }

  /** HEADERS, and CONTINUATION for what one frame can't hold. @param block latin1 */
  headers(stream: number, block: string, last: boolean): void {
    for (let from = 0; from === 0 || from < block.length; from += mostFrameBytes) {
      const part = block.length <= mostFrameBytes ? block : block.slice(from, from + mostFrameBytes);
      const isLastPart = from + mostFrameBytes >= block.length;
      const flags = (from === 0 && last ? flag.endStream : 0) | (isLastPart ? flag.endHeaders : 0);
      const type = from === 0 ? frameType.headers : frameType.continuation;
      const room = this.#begin(type, flags, stream, part.length);
      this.#length += room.write(part, this.#length, 'latin1');
    }
  }

  /** RST_STREAM or WINDOW_UPDATE. */
  number(type: number, stream: number, value: number): void {
    this.#length = this.#begin(type, 0, stream, 4).writeUInt32BE(value, this.#length);
  }

  /** Writes what has been gathered. */
  flush(): void {
    this.#isBusy = false;
    const room = this.#room;
    if (!room) return;
    const socket = this.#socket;
    const bytes = room.subarray(0, this.#length);
    this.#room = undefined;
    this.#length = 0;
    // TLS copies what it takes, but takes nothing while an earlier write is under way.
    if (socket.writable) socket.write(socket.writableLength === 0 ? bytes : Buffer.from(bytes));
    if (rooms.length < mostRooms) rooms.push(room);
  }

  /** Writes the head of a frame. @returns memory with room for its payload at `#length`. */
  #begin(type: number, flags: number, stream: number, size: number): Buffer {
    if (this.#length + frameHeadBytes + size > roomBytes) this.flush();
    this.#room ??= rooms.pop() ?? Buffer.allocUnsafeSlow(roomBytes);
    const room = this.#room;
    const at = this.#length;
    room[at] = size >> 16;
    room[at + 1] = size >> 8;
    room[at + 2] = size;
    room[at + 3] = type;
    room[at + 4] = flags;
    room[at + 5] = stream >> 24;
    room[at + 6] = stream >> 16;
    room[at + 7] = stream >> 8;
    room[at + 8] = stream;
    this.#length = at + frameHeadBytes;
    if (!this.#isBusy) {
      this.#isBusy = true;
      if (busy.push(this) === 1) setImmediate(flushAll);
    }
    return room;
  }
}
