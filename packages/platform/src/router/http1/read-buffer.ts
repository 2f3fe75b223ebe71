/** Room in front of what is read, where a head is put so that head and payload are one piece. */
export const headroomBytes = 4_096;
const readBytes = 64 * 1_024;
/** Where the room for what is read ends. */
export const endOfRoom = headroomBytes + readBytes;
/** Room for the end of a chunk and of a body. */
const tailroomBytes = 16;
const mostKept = 64;

/** Buffers without work, kept for the next body. */
const kept: ReadBuffer[] = [];
const byMemory = new WeakMap<ArrayBufferLike, ReadBuffer>();

/**
 * Memory that a socket reads into. Whoever gives a part of it to a write that isn't over at once must not read into it
 * again, and leaves it: when that write is over, it serves another one.
 */
export class ReadBuffer {
  /** What is read begins at `headroomBytes`. */
  readonly bytes = Buffer.allocUnsafeSlow(headroomBytes + readBytes + tailroomBytes);
  readonly view = this.bytes.subarray(headroomBytes, headroomBytes + readBytes);
  #writes = 0;
  #left = false;
  #lost = false;

  constructor() {
    byMemory.set(this.bytes.buffer, this);
  }

  /** The one that bytes are part of. */
  static of(bytes: Uint8Array): ReadBuffer | undefined {
    return byMemory.get(bytes.buffer);
  }

  /** A write reads from it until `release`. */
  hold(): void {
    this.#writes++;
  }

  release(): void {
    this.#writes--;
    if (this.#left) this.leave();
  }

  /** Something reads from it whose end nobody is told. */
  lose(): void {
    this.#lost = true;
  }

  /** Its reader needs it no more. */
  leave(): void {
    this.#left = this.#writes > 0;
    if (!this.#left && !this.#lost && kept.length < mostKept) kept.push(this);
  }
}

export const takeReadBuffer = (): ReadBuffer => kept.pop() ?? new ReadBuffer();
