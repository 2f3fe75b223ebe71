import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { close, listen } from './router.fixture.ts';

/** A request as Node's own parser reads it. */
export interface ParsedRequest {
  readonly method: string;
  readonly target: string;
  readonly version: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

export interface Parsed {
  /** Whole ones only. */
  readonly requests: readonly ParsedRequest[];
  /** Code of the error that ended the reading, such as `HPE_INVALID_CONSTANT`. */
  readonly error: string | undefined;
  /** Whether the bytes end within a message, or leave nothing to follow it. */
  readonly unfinished: boolean;
}

const pairs = (raw: readonly string[]): [string, string][] =>
  raw.flatMap((name, i) => (i % 2 === 0 ? [[name, raw[i + 1] ?? ''] as [string, string]] : []));

/** Node's own parser (llhttp, strict) as a judge: what it makes of bytes. */
export class Llhttp {
  readonly #server = createServer({ requireHostHeader: false, maxHeaderSize: 1024 * 1024 });
  #requests: ParsedRequest[] = [];
  #begun = 0;
  #error: string | undefined;
  #port = 0;

  static async start(): Promise<Llhttp> {
    const judge = new Llhttp();
    const server = judge.#server;
    server.maxHeadersCount = 0;
    server.on('request', (request, response) => {
      judge.#take(request);
      response.on('error', () => undefined).end();
    });
    server.on('checkContinue', (request, response) => server.emit('request', request, response));
    server.on('checkExpectation', (request, response) => server.emit('request', request, response));
    server.on('connect', (request, socket) => {
      judge.#take(request);
      socket.destroy();
    });
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      judge.#error ??= error.code ?? error.message;
      socket.destroy();
    });
    judge.#port = await listen(server);
    return judge;
  }

  /** One reading at a time. */
  async parse(bytes: string): Promise<Parsed> {
    this.#requests = [];
    this.#begun = 0;
    this.#error = undefined;
    const socket = connect(this.#port, '127.0.0.1');
    socket.on('error', () => undefined).resume();
    socket.end(bytes, 'latin1');
    await once(socket, 'close');
    const error = this.#error === 'HPE_INVALID_EOF_STATE' ? undefined : this.#error;
    return {
      requests: this.#requests,
      error,
      unfinished: this.#error !== error || this.#begun > this.#requests.length,
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return close(this.#server);
  }

  #take(request: IncomingMessage): void {
    this.#begun++;
    const at = this.#begun - 1;
    let body = '';
    request.setEncoding('latin1').on('error', () => undefined);
    request.on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      const { method = '', url: target = '', httpVersion: version } = request;
      this.#requests[at] = { method, target, version, body, fields: pairs(request.rawHeaders) };
    });
  }
}
