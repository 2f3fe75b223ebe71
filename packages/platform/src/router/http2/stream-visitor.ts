import { constants, type ServerHttp2Stream } from 'node:http2';
import { type Exchange, failed } from '../exchange.ts';
import type { ResponseHead } from '../http1/response-head.ts';
import type { BodySink, Visitor } from '../visitor.ts';
import { responseFields } from './response-fields.ts';

/** So much may wait for the client on one stream: many streams share a connection. */
const mostQueuedBytes = 64 * 1_024;
/** Payload up to this size is copied; more keeps the memory that it was read into. */
const copiedBytes = 16 * 1_024;
const nothing = Buffer.alloc(0);

/** What a stream needs of its connection. */
export interface StreamHost {
  readonly address: string;
  readonly tlsVersion: string;
  readonly serverName: string | undefined;
  readonly port: number;
  ended(visitor: StreamVisitor): void;
}

/** One request over HTTP/2. Its frames, flow control and limits are node:http2's; the request goes the way of all. */
export class StreamVisitor implements Visitor {
  readonly secure = true;
  readonly protocol = 'http2.0';
  readonly address: string;
  readonly tlsVersion: string;
  readonly serverName: string | undefined;
  readonly port: number;
  exchange: Exchange | undefined;
  readonly #host: StreamHost;
  readonly #stream: ServerHttp2Stream;
  #sink: BodySink | undefined;
  #bodyIsWhole: boolean;
  #over = false;

  constructor(host: StreamHost, stream: ServerHttp2Stream, hasBody: boolean) {
    this.#host = host;
    this.#stream = stream;
    this.#bodyIsWhole = !hasBody;
    // The end of a body that is empty, or that nobody asks for, must be read all the same.
    if (!hasBody) stream.resume();
    this.address = host.address;
    this.tlsVersion = host.tlsVersion;
    this.serverName = host.serverName;
    this.port = host.port;
    stream.on('drain', () => this.exchange?.worker?.visitorDrained());
    stream.on('finish', () => this.exchange?.worker?.visitorDrained());
    stream.on('error', () => undefined);
    stream.on('close', () => this.#onClose());
  }

  get isFull(): boolean {
    return this.#stream.writableLength >= mostQueuedBytes;
  }

  get progress(): number {
    return this.#stream.writableLength;
  }

  attach(exchange: Exchange): void {
    this.exchange = exchange;
  }

  sendBodyTo(sink: BodySink): void {
    this.#sink = sink;
    const stream = this.#stream;
    sink.flush();
    stream.on('data', (bytes: Buffer) => {
      this.#sink?.send(bytes, 0, bytes.length, false);
      if (this.#sink?.isFull) stream.pause();
    });
    const end = (): void => {
      this.#bodyIsWhole = true;
      if (!stream.aborted) this.#sink?.send(nothing, 0, 0, true);
    };
    // An empty body ends without anybody having asked for it.
    if (stream.readableEnded) end();
    else stream.on('end', end);
  }

  resumeBody(): void {
    this.#stream.resume();
  }

  sayContinue(): void {
    if (!this.#stream.destroyed) this.#stream.additionalHeaders({ ':status': 100 });
  }

  interim(head: ResponseHead): void {
    if (!this.#stream.destroyed && head.status !== 101) this.#stream.additionalHeaders(responseFields(head, ''));
  }

  answer(head: ResponseHead, extraFields: string, bytes: Buffer, from: number, to: number, last: boolean): boolean {
    if (this.#stream.destroyed) return true;
    this.#stream.respond(responseFields(head, extraFields), { endStream: last && from === to });
    return last && from === to ? true : this.pass(bytes, from, to, last);
  }

  pass(bytes: Buffer, from: number, to: number, last: boolean): boolean {
    const stream = this.#stream;
    if (stream.destroyed || stream.writableEnded) return true;
    const copies = to - from <= copiedBytes;
    const payload = copies ? Buffer.from(bytes.subarray(from, to)) : bytes.subarray(from, to);
    if (last) stream.end(payload);
    else if (to > from) stream.write(payload);
    return copies;
  }

  switchProtocol(): void {
    this.abort();
  }

  page(status: number, type: string, text: string): void {
    const stream = this.#stream;
    if (stream.destroyed) return;
    const isHead = this.exchange?.request.method === 'HEAD';
    stream.respond(
      {
        ':status': status,
        'content-type': type,
        'content-length': Buffer.byteLength(text),
        'cache-control': 'no-cache, no-store',
        server: 'ravine',
      },
      { endStream: isHead },
    );
    if (!isHead) stream.end(text);
  }

  next(): void {
    this.#leave();
    // The rest of a body that nobody reads: the answer stands, the client may stop (RFC 9113 section 8.1).
    const stream = this.#stream;
    if (this.#bodyIsWhole) return;
    const stop = (): void => stream.close(constants.NGHTTP2_NO_ERROR);
    if (stream.writableFinished) stop();
    else stream.once('finish', stop);
  }

  end(): void {
    this.abort();
  }

  abort(): void {
    this.#leave();
    if (!this.#stream.destroyed) this.#stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  }

  #onClose(): void {
    const { rstCode, writableEnded } = this.#stream;
    // All was sent: node:http2 may close a stream without having said that it is finished.
    if (writableEnded && rstCode === constants.NGHTTP2_NO_ERROR) this.exchange?.worker?.visitorDrained();
    const { exchange } = this;
    this.#leave();
    if (!exchange) return;
    const broken = rstCode !== constants.NGHTTP2_NO_ERROR && rstCode !== constants.NGHTTP2_CANCEL;
    if (broken) exchange.worker?.interrupt(failed('H33', 'client'));
    exchange.clientLeft();
  }

  #leave(): void {
    if (this.#over) return;
    this.#over = true;
    this.exchange = undefined;
    this.#host.ended(this);
  }
}
