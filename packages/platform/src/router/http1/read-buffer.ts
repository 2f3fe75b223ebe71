/** Room in front of what is read, where a head is put so that head and payload are one piece. */
export const headroomBytes = 4_096;
const readBytes = 64 * 1_024;
/** Where the room for what is read ends. */
export const endOfRoom = headroomBytes + readBytes;
/** Room for the end of a chunk and of a body. */
const tailroomBytes = 16;
const mostKept = 64;

/** Memory that a socket reads into. Whoever gives a part of it to a write that isn't over at once must not read into it again. */
export class ReadBuffer {
  /** What is read begins at `headroomBytes`. */
  readonly bytes = Buffer.allocUnsafeSlow(headroomBytes + readBytes + tailroomBytes);
  readonly view = this.bytes.subarray(headroomBytes, headroomBytes + readBytes);
}

/** Buffers without work, kept for the next body. */
const kept: ReadBuffer[] = [];

export const takeReadBuffer = (): ReadBuffer => kept.pop() ?? new ReadBuffer();

/** Only for buffers that no write and no socket refers to. */
export const giveBackReadBuffer = (buffer: ReadBuffer): void => {
  if (kept.length < mostKept) kept.push(buffer);
};
