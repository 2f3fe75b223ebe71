import type { Answer } from '../answer/answer.ts';

const { STATUS_CODES } = process.getBuiltinModule('node:http');

/** An answer as it goes over the wire: one write, or two when the body is too long to be copied. */
export type Rendered = readonly Uint8Array[];

interface Rendering {
  readonly second: number;
  readonly tail: string;
  readonly chunks: Rendered;
}

const mostBytesCopied = 64 * 1024;

/** Renders answers, and remembers the ones that come again within the same second. */
export class Renderer {
  // The headers of whole answers are made once for each variant, so that they can stand for it.
  readonly #whole = new WeakMap<readonly string[], Rendering>();
  readonly #headsOnly = new WeakMap<readonly string[], Rendering>();
  #second = 0;
  #date = '';
  #timeoutMs = 0;
  #keepAlive = keepAliveOf(0);

  /** @param timeoutMs how long the connection is kept for the next request; undefined when this is its last answer, 0 for good */
  render({ status, headers, body }: Answer, timeoutMs: number | undefined): Rendered | undefined {
    if (body !== undefined && !(body instanceof Uint8Array)) return undefined;
    const second = this.#now();
    const tail = timeoutMs === undefined ? 'connection: close\r\n' : this.#kept(timeoutMs);
    // The headers of parts and refusals are made for each: they don't come again.
    const comesAgain = status === 200 || status === 304;
    const remembered = body === undefined ? this.#headsOnly : this.#whole;
    const known = comesAgain ? remembered.get(headers) : undefined;
    if (known?.second === second && known.tail === tail) return known.chunks;
    let head = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
    for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`;
    const chunks = join(Buffer.from(`${head}date: ${this.#date}\r\n${tail}\r\n`, 'latin1'), body);
    if (comesAgain) remembered.set(headers, { second, tail, chunks });
    return chunks;
  }

  #kept(timeoutMs: number): string {
    if (timeoutMs !== this.#timeoutMs) {
      this.#timeoutMs = timeoutMs;
      this.#keepAlive = keepAliveOf(timeoutMs);
    }
    return this.#keepAlive;
  }

  #now(): number {
    const second = Math.floor(Date.now() / 1_000);
    if (second !== this.#second) {
      this.#second = second;
      this.#date = new Date(second * 1_000).toUTCString();
    }
    return second;
  }
}

const keepAliveOf = (timeoutMs: number): string =>
  `connection: keep-alive\r\n${timeoutMs > 0 ? `keep-alive: timeout=${Math.floor(timeoutMs / 1_000)}\r\n` : ''}`;

const join = (head: Buffer, body: Uint8Array | undefined): Rendered => {
  if (body === undefined) return [head];
  return body.length <= mostBytesCopied ? [Buffer.concat([head, body])] : [head, body];
};
