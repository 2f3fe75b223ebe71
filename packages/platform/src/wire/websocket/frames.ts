/** Opcodes of RFC 6455 section 5.2. */
export const opcodes = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;

/** Status codes of RFC 6455 section 7.4.1. */
export const closeCodes = { normal: 1000, goingAway: 1001, protocol: 1002, notText: 1007, policy: 1008, tooBig: 1009 };

export interface Frame {
  readonly opcode: number;
  /** The last frame of its message. */
  readonly last: boolean;
  readonly payload: Buffer;
}

/** What a client sent is no WebSocket message, or none that is taken; the connection ends with this code. */
export class FrameError extends Error {
  readonly closeCode: number;

  constructor(closeCode: number, message: string) {
    super(message);
    this.name = 'FrameError';
    this.closeCode = closeCode;
  }
}

/** Longest payload that is written as it is, without a length of its own (RFC 6455 section 5.2). */
const shortBytes = 125;
const known = new Set<number>(Object.values(opcodes));

/** Reads a client's frames out of a stream of bytes. */
export class FrameReader {
  readonly #maxPayloadBytes: number;
  #held: Buffer = Buffer.alloc(0);

  constructor(maxPayloadBytes: number) {
    this.#maxPayloadBytes = maxPayloadBytes;
  }

  /**
   * The frames that these bytes complete.
   * @throws FrameError when they are against RFC 6455 section 5, or a frame is too long.
   */
  push(bytes: Buffer): Frame[] {
    this.#held = this.#held.length === 0 ? bytes : Buffer.concat([this.#held, bytes]);
    const frames: Frame[] = [];
    for (let frame = this.#take(); frame !== undefined; frame = this.#take()) frames.push(frame);
    return frames;
  }

  #take(): Frame | undefined {
    const held = this.#held;
    if (held.length < 2) return undefined;
    const [first, second] = [held.readUInt8(0), held.readUInt8(1)];
    const opcode = first & 0x0f;
    checkHead(first, second);
    const short = second & 0x7f;
    const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
    const start = 2 + lengthBytes + 4;
    if (held.length < start) return undefined;
    const length =
      lengthBytes === 0 ? short : lengthBytes === 2 ? held.readUInt16BE(2) : Number(held.readBigUInt64BE(2));
    if (length > this.#maxPayloadBytes) {
      throw new FrameError(closeCodes.tooBig, `A frame may have ${this.#maxPayloadBytes} bytes, this has ${length}.`);
    }
    if (held.length < start + length) return undefined;
    const mask = held.subarray(start - 4, start);
    const payload = Buffer.from(held.subarray(start, start + length));
    for (let at = 0; at < length; at++) payload[at] = (payload[at] ?? 0) ^ (mask[at & 3] ?? 0);
    this.#held = held.subarray(start + length);
    return { opcode, last: (first & 0x80) !== 0, payload };
  }
}

const checkHead = (first: number, second: number): void => {
  const opcode = first & 0x0f;
  const isControl = (opcode & 0x8) !== 0;
  if ((first & 0x70) !== 0) throw new FrameError(closeCodes.protocol, 'No extension was agreed on.');
  if (!known.has(opcode)) throw new FrameError(closeCodes.protocol, `There is no opcode ${opcode}.`);
  if ((second & 0x80) === 0) throw new FrameError(closeCodes.protocol, 'A client masks its frames.');
  if (isControl && ((first & 0x80) === 0 || (second & 0x7f) > shortBytes))
    throw new FrameError(closeCodes.protocol, 'A control frame is short and comes in one piece.');
};

/** A server's frame, which has no mask. */
export const frameOf = (opcode: number, payload: Buffer): Buffer => {
  const { length } = payload;
  const long = length > 0xffff;
  const head = Buffer.alloc(long ? 10 : length > shortBytes ? 4 : 2);
  head.writeUInt8(0x80 | opcode, 0);
  head.writeUInt8(long ? 127 : length > shortBytes ? 126 : length, 1);
  if (long) head.writeBigUInt64BE(BigInt(length), 2);
  else if (length > shortBytes) head.writeUInt16BE(length, 2);
  return Buffer.concat([head, payload]);
};

/** The payload of a close frame: why, in a code and few words. */
export const closePayload = (code: number, reason = ''): Buffer => {
  const words = Buffer.from(reason).subarray(0, shortBytes - 2);
  const payload = Buffer.alloc(2 + words.length);
  payload.writeUInt16BE(code, 0);
  words.copy(payload, 2);
  return payload;
};
