import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export type Reply = string | number | null | readonly Reply[];

const newline = '\r\n';

/** Reads one reply of RESP 2 at `from`; undefined when it isn't whole. */
const parse = (bytes: Buffer, from: number): { reply: Reply | Error; next: number } | undefined => {
  const end = bytes.indexOf(newline, from);
  if (end < 0) return undefined;
  const [kind, text] = [String.fromCharCode(bytes[from] ?? 0), bytes.toString('utf8', from + 1, end)];
  const next = end + newline.length;
  if (kind === '+') return { reply: text, next };
  if (kind === '-') return { reply: new Error(text), next };
  if (kind === ':') return { reply: Number(text), next };
  const length = Number(text);
  if (length < 0) return { reply: null, next };
  if (kind === '$') {
    if (bytes.length < next + length + newline.length) return undefined;
    return { reply: bytes.toString('utf8', next, next + length), next: next + length + newline.length };
  }
  const all: Reply[] = [];
  let at = next;
  for (let index = 0; index < length; index++) {
    const one = parse(bytes, at);
    if (one === undefined) return undefined;
    all.push(one.reply instanceof Error ? one.reply.message : one.reply);
    at = one.next;
  }
  return { reply: all, next: at };
};

/** A connection to a server, for one command at a time. */
export class RespClient implements Disposable {
  readonly #socket: Socket;
  readonly #timeoutMs: number;
  #received = Buffer.alloc(0);

  private constructor(socket: Socket, timeoutMs: number) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
    socket.on('error', () => {}); // Fails the command that waits.
  }

  /** @throws when nobody listens there or the password is another. */
  static async open(port: number, user: string, password: string, timeoutMs = 2_000): Promise<RespClient> {
    const socket = connect(port, '127.0.0.1');
    const client = new RespClient(socket, timeoutMs);
    try {
      await once(socket, 'connect', { signal: AbortSignal.timeout(timeoutMs) });
      await client.send('AUTH', user, password);
      return client;
    } catch (error) {
      socket.destroy();
      throw error;
    }
  }

  /** @throws Error with the server's words when it refuses, or when it goes away. */
  async send(...words: readonly (string | number)[]): Promise<Reply> {
    const parts = words.map(String).map((word) => `$${Buffer.byteLength(word)}${newline}${word}${newline}`);
    this.#socket.write(`*${words.length}${newline}${parts.join('')}`);
    const signal = AbortSignal.timeout(this.#timeoutMs);
    for (;;) {
      const found = parse(this.#received, 0);
      if (found !== undefined) {
        this.#received = this.#received.subarray(found.next);
        if (found.reply instanceof Error) throw found.reply;
        return found.reply;
      }
      const done = new AbortController();
      const either = AbortSignal.any([signal, done.signal]);
      const [chunk] = await Promise.race([
        once(this.#socket, 'data', { signal: either }),
        once(this.#socket, 'close', { signal: either }),
      ]).finally(() => done.abort());
      if (!Buffer.isBuffer(chunk)) throw new Error('the server closed the connection');
      this.#received = Buffer.concat([this.#received, chunk]);
    }
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }
}
