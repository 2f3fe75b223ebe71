import { connect, type Socket } from 'node:net';

/** What came of one request: a whole answer, or what was seen in its place. */
export interface Seen {
  readonly status?: number;
  readonly code?: string;
  readonly error?: string;
}

const endOfHead = '\r\n\r\n';
const endOfChunks = '0\r\n\r\n';
const cutShort = 'the answer was cut short';

/** A connection that carries one GET after another, as cheaply as a load of thousands a second needs it. */
export class Visitor {
  readonly #socket: Socket;
  readonly #request: string;
  readonly #onOver: (visitor: Visitor) => void;
  #text = '';
  #done: ((seen: Seen) => void) | undefined;
  #error: string | undefined;
  /** How many requests it has carried. */
  visits = 0;
  /** It carries no further request. */
  over = false;

  /** @param onOver called once, when the connection carries no further request */
  constructor(port: number, request: string, onOver: (visitor: Visitor) => void) {
    this.#request = request;
    this.#onOver = onOver;
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (text: string) => this.#receive(text));
    this.#socket.on('error', (error) => {
      this.#error = error.message;
    });
    this.#socket.on('end', () => {
      this.#ended();
      this.#retire();
    });
    this.#socket.on('close', () => {
      this.#retire();
      const hasHead = this.#text.includes(endOfHead);
      const error = this.#error ?? (hasHead ? cutShort : 'the connection was closed');
      this.#finish(hasHead ? { ...this.#seen(), error } : { error });
    });
  }

  visit(done: (seen: Seen) => void): void {
    this.#text = '';
    this.#done = done;
    this.#socket.write(this.#request, 'latin1');
  }

  /** Ends the connection; a visit under way fails with this. */
  end(error: string): void {
    this.#error = error;
    this.#socket.destroy();
  }

  #receive(text: string): void {
    if (this.#done === undefined) {
      this.end('bytes came that nobody asked for');
      return;
    }
    this.#text = this.#text === '' ? text : this.#text + text;
    const head = this.#text.indexOf(endOfHead);
    if (head === -1) return;
    const fields = this.#text.slice(0, head).toLowerCase();
    const length = /\r\ncontent-length: *(\d+)/.exec(fields)?.[1];
    const bodyAt = head + endOfHead.length;
    if (length !== undefined && this.#text.length < bodyAt + Number(length)) return;
    const isChunked = length === undefined && /\r\ntransfer-encoding: *chunked/.test(fields);
    if (isChunked && !this.#text.endsWith(endOfChunks)) return;
    // Without either the end of the connection is the end of the answer.
    if (length === undefined && !isChunked) return;
    if (/\r\nconnection: *close/.test(fields)) {
      this.#retire();
      this.#socket.end();
    }
    this.#finish(this.#seen());
  }

  #seen(): Seen {
    const status = Number(this.#text.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length));
    if (status === 200) return { status };
    const code = /\bH\d\d\b/.exec(this.#text)?.[0];
    return code === undefined ? { status } : { status, code };
  }

  #retire(): void {
    if (this.over) return;
    this.over = true;
    this.#onOver(this);
  }

  #ended(): void {
    const head = this.#text.indexOf(endOfHead);
    if (head === -1 || this.#done === undefined) return;
    const isWhole = !/\r\n(content-length|transfer-encoding):/i.test(this.#text.slice(0, head));
    this.#finish(isWhole ? this.#seen() : { ...this.#seen(), error: cutShort });
  }

  #finish(seen: Seen): void {
    const done = this.#done;
    if (done === undefined) return;
    this.#done = undefined;
    this.visits += 1;
    done(seen);
  }
}
