import type { ResponseHead } from '../http1/response-head.ts';
import { failed } from '../verdict.ts';
import type { Asked, BodySink, Visitor } from '../visitor.ts';
import type { VisitorLines } from '../visitor-lines.ts';
import { Backlog } from './backlog.ts';
import { statusText } from './field-text.ts';
import type { FrameWriter } from './frame-writer.ts';
import { errorCode, flag, frameType, mostFrameBytes, mostWindowBytes } from './protocol.data.ts';
import { pageText, responseText } from './response-text.ts';
import { Upload, type UploadHost } from './upload.ts';

/** So much may wait for the client on one stream: many streams share a connection. */
const mostQueuedBytes = 64 * 1_024;
const nothing = Buffer.alloc(0);

/** What a stream needs of its connection. */
export interface StreamHost {
  readonly address: string;
  readonly tlsVersion: string;
  readonly serverName: string | undefined;
  readonly port: number;
  readonly lines: VisitorLines;
  readonly writer: FrameWriter;
  /** What all streams together may still send. */
  sendWindow: number;
  /** Streams that have something to send and may not yet. */
  waitingStreams: number;
  /** Whether the client knows that fields are written without a table. */
  saidTableSize: boolean;
  /** Too much waits for the client to read. */
  readonly isCongested: boolean;
  /** So much of what came has been dealt with. */
  consumed(bytes: number): void;
  /** A stream was reset for what the client did. @throws ConnectionFault when that happens too often */
  onStreamFault(): void;
  forget(stream: StreamVisitor): void;
}

/** One request over HTTP/2: its flow control and its two ends; the request goes the way of all. */
export class StreamVisitor implements Visitor, UploadHost {
  readonly secure = true;
  readonly protocol = 'http2.0';
  readonly id: number;
  readonly #host: StreamHost;
  #exchange: Asked | undefined;
  /** Undefined when the request has no body. */
  readonly #upload: Upload | undefined;
  #clientEnded: boolean;
  #sendWindow: number;
  #queue: Backlog | undefined;
  /** Whether the queue ends the answer. */
  #queueEnds = false;
  #answerEnded = false;
  #over = false;
  /** When the exchange ended, or the client read last. */
  #sinceMs = 0;

  constructor(host: StreamHost, id: number, bodyBytes: number, ended: boolean, sendWindow: number) {
    this.#host = host;
    this.id = id;
    this.#upload = ended ? undefined : new Upload(this, bodyBytes);
    this.#clientEnded = ended;
    this.#sendWindow = sendWindow;
  }

  get address(): string {
    return this.#host.address;
  }

  get tlsVersion(): string {
    return this.#host.tlsVersion;
  }

  get serverName(): string | undefined {
    return this.#host.serverName;
  }

  get port(): number {
    return this.#host.port;
  }

  get lines(): VisitorLines {
    return this.#host.lines;
  }

  get isFull(): boolean {
    return this.progress >= mostQueuedBytes;
  }

  get progress(): number {
    return this.#queue?.length ?? 0;
  }

  // The client speaks

  onData(bytes: Buffer, from: number, to: number, size: number, last: boolean): void {
    if (last) this.#clientEnded = true;
    const code = this.#upload?.onData(bytes, from, to, size, last) ?? errorCode.streamClosed;
    if (!this.#upload) this.#host.consumed(size);
    this.#afterPart(code);
  }

  onTrailers(wellFormed: boolean): void {
    this.#clientEnded = true;
    this.#afterPart(this.#upload?.onTrailers(wellFormed) ?? errorCode.streamClosed);
  }

  onReset(code: number): void {
    this.#close();
    this.#tellGone(code);
  }

  onLost(): void {
    this.#close();
    this.#tellGone(errorCode.none);
  }

  onWindowUpdate(bytes: number): void {
    if (bytes === 0) this.#fault(errorCode.protocol);
    else if (!this.widen(bytes)) this.#fault(errorCode.flowControl);
    else this.sendWaiting();
  }

  /** Lets so much more be sent, or less. @returns whether that is within bounds. */
  widen(bytes: number): boolean {
    this.#sendWindow += bytes;
    return this.#sendWindow <= mostWindowBytes;
  }

  // The router looks

  checkTime(nowMs: number, idleMs: number): void {
    const worker = this.#exchange?.worker;
    if (worker) worker.checkTime(nowMs);
    else if (!this.#exchange && nowMs - this.#sinceMs >= idleMs) this.#reset(errorCode.cancel);
  }

  // The exchange speaks

  attach(exchange: Asked): void {
    this.#exchange = exchange;
  }

  sendBodyTo(sink: BodySink): void {
    if (this.#upload) this.#upload.sendTo(sink);
    else sink.send(nothing, 0, 0, true);
  }

  resumeBody(): void {
    this.#upload?.resume();
  }

  sayContinue(): void {
    if (!this.#over) this.#writeHead(statusText(100, this.#isFirst()), false);
  }

  interim(head: ResponseHead): void {
    if (!this.#over && head.status !== 101) this.#writeHead(responseText(head, '', this.#isFirst()), false);
  }

  answer(head: ResponseHead, extraFields: string, bytes: Buffer, from: number, to: number, last: boolean): boolean {
    if (this.#over) return true;
    const ends = last && from === to;
    this.#writeHead(responseText(head, extraFields, this.#isFirst()), ends);
    return ends || this.pass(bytes, from, to, last);
  }

  pass(bytes: Buffer, from: number, to: number, last: boolean): boolean {
    if (this.#over || this.#answerEnded) return true;
    const sent = this.#queue ? from : this.#writeData(bytes, from, to, last);
    if (sent < to || (last && !this.#answerEnded)) {
      // All the copying is done here: the client's pace is not the dyno's.
      if (!this.#queue) this.#host.waitingStreams++;
      this.#queue ??= new Backlog();
      this.#queue.add(bytes, sent, to);
      this.#queueEnds = last;
    }
    return true;
  }

  switchProtocol(): void {
    this.abort();
  }

  page(status: number, type: string, text: string): void {
    if (this.#over) return;
    const isHead = this.#exchange?.request.method === 'HEAD';
    const body = Buffer.from(text);
    this.#writeHead(pageText(status, type, body.length, this.#isFirst()), isHead);
    if (!isHead) this.pass(body, 0, body.length, true);
  }

  next(): void {
    this.#exchange = undefined;
    this.#upload?.discard();
    this.#closeIfDone();
    if (!this.#over) this.#sinceMs = performance.now();
  }

  end(): void {
    this.abort();
  }

  abort(): void {
    this.#exchange = undefined;
    this.#reset(errorCode.internal);
  }

  // The connection speaks

  /** Goes on with what had to wait. */
  sendWaiting(): void {
    const queue = this.#queue;
    if (!queue) return;
    const sent = this.#writeData(queue.bytes, queue.from, queue.to, this.#queueEnds);
    const hasMoved = sent > queue.from || this.#answerEnded;
    queue.from = sent;
    if (hasMoved) this.#sinceMs = performance.now();
    if (queue.length > 0 || (this.#queueEnds && !this.#answerEnded)) return;
    this.#dropQueue();
    this.#exchange?.worker?.visitorDrained();
    this.#closeIfDone();
  }

  // The body speaks

  consumed(bytes: number): void {
    this.#host.consumed(bytes);
  }

  grant(bytes: number): void {
    if (!this.#over) this.#host.writer.number(frameType.windowUpdate, this.id, bytes);
  }

  #afterPart(code: number): void {
    if (code !== errorCode.none) this.#fault(code);
    else if (!this.#exchange) this.#closeIfDone();
  }

  #isFirst(): boolean {
    const first = !this.#host.saidTableSize;
    this.#host.saidTableSize = true;
    return first;
  }

  #writeHead(block: string, last: boolean): void {
    this.#host.writer.headers(this.id, block, last);
    if (last) this.#answerEnded = true;
  }

  /** Writes what the client and the connection have room for. @returns up to where. */
  #writeData(bytes: Buffer, from: number, to: number, last: boolean): number {
    const host = this.#host;
    let at = from;
    do {
      const most = at === to ? 0 : Math.min(mostFrameBytes, this.#sendWindow, host.sendWindow, to - at);
      if (at < to && (most <= 0 || host.isCongested)) break;
      const ends = last && at + most === to;
      host.writer.frame(frameType.data, ends ? flag.endStream : 0, this.id, bytes, at, at + most);
      at += most;
      this.#sendWindow -= most;
      host.sendWindow -= most;
      if (ends) this.#answerEnded = true;
    } while (at < to);
    return at;
  }

  /** The exchange is over and all of its answer is sent; a client that still sends a body may stop (section 8.1). */
  #closeIfDone(): void {
    if (this.#over || this.#exchange || !this.#answerEnded) return;
    if (!this.#clientEnded) this.#host.writer.number(frameType.resetStream, this.id, errorCode.none);
    this.#close();
  }

  /** The client broke the rules of this stream. */
  #fault(code: number): void {
    if (this.#over) return;
    this.#reset(code);
    this.#host.onStreamFault();
  }

  #reset(code: number): void {
    if (this.#over) return;
    this.#host.writer.number(frameType.resetStream, this.id, code);
    this.#close();
    this.#tellGone(code);
  }

  #close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#dropQueue();
    this.#upload?.end();
    this.#host.forget(this);
  }

  #dropQueue(): void {
    if (this.#queue) this.#host.waitingStreams--;
    this.#queue = undefined;
  }

  #tellGone(code: number): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    if (!exchange) return;
    if (code !== errorCode.none && code !== errorCode.cancel) exchange.worker?.interrupt(failed('H33', 'client'));
    exchange.clientLeft();
  }
}
