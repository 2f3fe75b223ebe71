import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';

export type Field = readonly [name: string, value: string];

export interface Http2Message {
  readonly fields: readonly Field[];
  readonly data?: readonly string[];
  readonly trailers?: readonly Field[];
}

/** How a stream or its connection ended. */
export type Http2Outcome = 'answered' | 'stream reset' | 'connection ended' | 'stuck';

export const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
export const type = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goAway: 7 } as const;
export const flag = { endStream: 1, endHeaders: 4, acknowledge: 1 } as const;
const frameHeadBytes = 9;
const stuckMs = 10_000;

export const frame = (kind: number, flags: number, stream: number, payload: Buffer): Buffer => {
  const head = Buffer.alloc(frameHeadBytes);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(kind, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
};

/** A string of HPACK without Huffman coding (RFC 7541 section 5.2), so that any byte can stand in it. */
const hpackString = (text: string): Buffer => {
  const bytes = Buffer.from(text, 'latin1');
  if (bytes.length < 127) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  const head = [127];
  let rest = bytes.length - 127;
  for (; rest >= 128; rest >>= 7) head.push((rest & 127) | 128);
  return Buffer.concat([Buffer.from([...head, rest]), bytes]);
};

/** Literal fields without indexing (RFC 7541 section 6.2.2). */
export const hpack = (fields: readonly Field[]): Buffer =>
  Buffer.concat(fields.flatMap(([name, value]) => [Buffer.from([0]), hpackString(name), hpackString(value)]));

/** What a client says at first, with one request: as bytes in latin1. */
export const firstFlight = ({ fields, data = [] }: Http2Message): string => {
  const frames = [
    frame(type.settings, 0, 0, Buffer.alloc(0)),
    frame(type.headers, flag.endHeaders, 1, hpack(fields)),
    ...data.map((text) => frame(type.data, 0, 1, Buffer.from(text, 'latin1'))),
    frame(type.data, flag.endStream, 1, Buffer.alloc(0)),
  ];
  return preface + Buffer.concat(frames).toString('latin1');
};

/** A client that checks nothing of what it sends. */
export class Http2Client {
  readonly socket: TLSSocket;
  #stream = -1;
  #rest = Buffer.alloc(0);
  readonly #outcomes = new Map<number, (outcome: Http2Outcome) => void>();

  constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    socket
      .on('error', () => undefined)
      .on('close', () => {
        for (const end of this.#outcomes.values()) end('connection ended');
      });
    socket.write(Buffer.concat([Buffer.from(preface, 'latin1'), frame(type.settings, 0, 0, Buffer.alloc(0))]));
  }

  /** @throws Error when the other side does not speak HTTP/2. */
  static async to(port: number, servername: string): Promise<Http2Client> {
    const socket = connect({ port, host: '127.0.0.1', servername, rejectUnauthorized: false, ALPNProtocols: ['h2'] });
    await once(socket, 'secureConnect');
    if (socket.alpnProtocol !== 'h2') throw new Error(`expected h2 by ALPN, got ${socket.alpnProtocol}`);
    return new Http2Client(socket);
  }

  /** Sends one request on a stream of its own and waits for its end. */
  send({ fields, data = [], trailers }: Http2Message): Promise<Http2Outcome> {
    this.#stream += 2;
    const stream = this.#stream;
    const { promise, resolve } = Promise.withResolvers<Http2Outcome>();
    const timer = setTimeout(() => resolve('stuck'), stuckMs);
    this.#outcomes.set(stream, resolve);
    const ends = data.length === 0 && !trailers;
    const frames = [frame(type.headers, flag.endHeaders | (ends ? flag.endStream : 0), stream, hpack(fields))];
    for (const [i, text] of data.entries()) {
      const last = i === data.length - 1 && !trailers;
      frames.push(frame(type.data, last ? flag.endStream : 0, stream, Buffer.from(text, 'latin1')));
    }
    if (trailers) frames.push(frame(type.headers, flag.endHeaders | flag.endStream, stream, hpack(trailers)));
    this.socket.write(Buffer.concat(frames));
    return promise.finally(() => {
      clearTimeout(timer);
      this.#outcomes.delete(stream);
    });
  }

  #read(bytes: Buffer): void {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    while (this.#rest.length >= frameHeadBytes) {
      const length = this.#rest.readUIntBE(0, 3);
      if (this.#rest.length < frameHeadBytes + length) return;
      const [kind, flags, stream] = [this.#rest[3] ?? 0, this.#rest[4] ?? 0, this.#rest.readUInt32BE(5)];
      const payload = this.#rest.subarray(frameHeadBytes, frameHeadBytes + length);
      this.#rest = this.#rest.subarray(frameHeadBytes + length);
      this.#take(kind, flags, stream, payload);
    }
  }

  #take(kind: number, flags: number, stream: number, payload: Buffer): void {
    const acknowledges = (flags & flag.acknowledge) !== 0;
    if (kind === type.settings && !acknowledges)
      this.socket.write(frame(type.settings, flag.acknowledge, 0, Buffer.alloc(0)));
    if (kind === type.ping && !acknowledges) this.socket.write(frame(type.ping, flag.acknowledge, 0, payload));
    if (kind === type.goAway) for (const end of this.#outcomes.values()) end('connection ended');
    if (kind === type.reset) this.#outcomes.get(stream)?.('stream reset');
    const ends = (kind === type.data || kind === type.headers) && (flags & flag.endStream) !== 0;
    if (ends) this.#outcomes.get(stream)?.('answered');
  }
}
