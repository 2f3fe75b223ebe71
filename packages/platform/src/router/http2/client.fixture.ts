import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import { clientPreface, frameHeadBytes, frameType } from './protocol.data.ts';

export const frame = (
  type: number,
  flags: number,
  stream: number,
  payload: readonly number[] | Buffer = [],
): Buffer => {
  const bytes = Buffer.from(payload);
  const head = Buffer.alloc(frameHeadBytes);
  head.writeUIntBE(bytes.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, bytes]);
};

const methods = { get: 0x82, post: 0x83 } as const;
const authority = [0x01, 'shop.test'.length, ...Buffer.from('shop.test')];

/** The head of a request of `/` for shop.test, without its end if a body follows. */
export const request = (
  method: keyof typeof methods | 'head',
  stream: number,
  more: readonly number[] = [],
  hasBody = method === 'post',
): Buffer => {
  const start = method === 'head' ? [0x02, 4, ...Buffer.from('HEAD')] : [methods[method]];
  return frame(frameType.headers, hasBody ? 0x4 : 0x5, stream, [...start, 0x87, 0x84, ...authority, ...more]);
};

export const data = (stream: number, text: string | Buffer, last = false): Buffer =>
  frame(frameType.data, last ? 1 : 0, stream, Buffer.from(text as string)); // either is fine for Buffer

export const settings = (...pairs: readonly (readonly [id: number, value: number])[]): Buffer => {
  const bytes = Buffer.alloc(6 * pairs.length);
  for (const [i, [id, value]] of pairs.entries()) bytes.writeUInt32BE(value, bytes.writeUInt16BE(id, 6 * i));
  return frame(frameType.settings, 0, 0, bytes);
};

export const windowUpdate = (stream: number, more: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(more);
  return frame(frameType.windowUpdate, 0, stream, bytes);
};

export interface ReceivedFrame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** The code of a RST_STREAM or GOAWAY. */
export const codeOf = ({ payload }: ReceivedFrame): number => payload.readUInt32BE(payload.length - 4);

/** A client that sends whatever frames it is told to. */
export class FrameClient implements Disposable {
  readonly socket: TLSSocket;
  #rest: Buffer = Buffer.alloc(0);
  readonly #chunks: AsyncIterator<Buffer>;

  private constructor(socket: TLSSocket) {
    this.socket = socket;
    this.#chunks = socket[Symbol.asyncIterator]();
  }

  /** Reads nothing before it is asked for frames. */
  static async to(port: number, first: Buffer = settings()): Promise<FrameClient> {
    const options = { port, host: '127.0.0.1', servername: 'shop.test', rejectUnauthorized: false };
    const socket = connect({ ...options, ALPNProtocols: ['h2'] });
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    const client = new FrameClient(socket);
    client.send(Buffer.from(clientPreface, 'latin1'), first);
    return client;
  }

  send(...frames: readonly Buffer[]): void {
    this.socket.write(Buffer.concat(frames));
  }

  /** The next frame of such a type; fails when the connection ends before. */
  async next(...types: readonly number[]): Promise<ReceivedFrame> {
    for (;;) {
      while (this.#rest.length < frameHeadBytes || this.#rest.length < frameHeadBytes + this.#rest.readUIntBE(0, 3)) {
        const { value, done } = await this.#chunks.next();
        if (done) assert.fail(`the connection ended before a frame of type ${types.join(' or ')}`);
        this.#rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, value]) : value;
      }
      const end = frameHeadBytes + this.#rest.readUIntBE(0, 3);
      const [type, flags, stream] = [this.#rest.readUInt8(3), this.#rest.readUInt8(4), this.#rest.readUInt32BE(5)];
      const payload = this.#rest.subarray(frameHeadBytes, end);
      this.#rest = this.#rest.subarray(end);
      if (types.includes(type)) return { type, flags, stream, payload };
    }
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}
