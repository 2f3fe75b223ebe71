import type { ResponseHead } from '../http1/response-head.ts';
import { smallBytes } from '../http1/send-part.ts';
import { failed } from '../verdict.ts';
import type { Asked, BodySink, Visitor } from '../visitor.ts';
import type { VisitorLines } from '../visitor-lines.ts';
import type { FrameWriter } from './frame-writer.ts';
import { HpackEncoder } from './hpack-encoder.ts';
import { errorCode, firstWindowBytes, flag, frameType, mostFrameBytes, mostWindowBytes } from './protocol.data.ts';
import { writeResponse } from './response-fields.ts';

/** So much may wait for the client on one stream: many streams share a connection. */
const mostQueuedBytes = 64 * 1_024;
const nothing = Buffer.alloc(0);

/** Each block is written out before the next one begins. */
const encoder = new HpackEncoder();

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
  /** Whether the client knows that fields are written without a table. */
  saidTableSize: boolean;
  /** Too much waits for the client to read. */
  readonly isCongested: boolean;
  /** So much of what came has been dealt with. */
  consumed(bytes: number): void;
  forget(stream: StreamVisitor): void;
}

/** One request over HTTP/2: its flow control and its two ends; the request goes the way of all. */
export class StreamVisitor implements Visitor {
  readonly secure = true;
  readonly protocol = 'http2.0';
  readonly address: string;
  readonly tlsVersion: string;
  readonly serverName: string | undefined;
  readonly port: number;
  readonly lines: VisitorLines;
  readonly id: number;
  readonly #host: StreamHost;
  /** Bytes that the body shall have; below 0 when that wasn't said. */
  readonly #announced: number;
  #received = 0;
  #exchange: Asked | undefined;
  #sink: BodySink | undefined;
  /** What came of the body before anybody asked for it. */
  #early: Buffer[] = [];
  /** What came and waits for the dyno. */
  #owed = 0;
  /** What the dyno took and the client does not know of yet. */
  #credit = 0;
  #receiveWindow = firstWindowBytes;
  #sendWindow: number;
  #queue: Buffer[] = [];
  #queuedBytes = 0;
  /** Whether the queue ends the answer. */
  #queueEnds = false;
  #clientEnded: boolean;
  #answerEnded = false;
  #over = false;
  #sinceMs = performance.now();

  constructor(host: StreamHost, id: number, bodyBytes: number, ended: boolean, sendWindow: number) {
    this.#host = host;
    this.id = id;
    this.#announced = bodyBytes;
    this.#clientEnded = ended;
    this.#sendWindow = sendWindow;
    this.address = host.address;
    this.tlsVersion = host.tlsVersion;
    this.serverName = host.serverName;
    this.port = host.port;
    this.lines = host.lines;
  }

  get isFull(): boolean {
    return this.#queuedBytes >= mostQueuedBytes;
  }

  get progress(): number {
    return this.#queuedBytes;
  }

  // The client speaks

  onData(bytes: Buffer, from: number, to: number, size: number, last: boolean): void {
    this.#receiveWindow -= size;
    if (this.#receiveWindow < 0) this.#reset(errorCode.flowControl);
    else if (this.#clientEnded) this.#reset(errorCode.streamClosed);
    if (this.#over) {
      this.#host.consumed(size);
      return;
    }
    this.#owed += size;
    this.#received += to - from;
    // What follows a length of zero is nobody's: the request is on its way as it was announced.
    if (this.#announced === 0) this.#take(nothing, last);
    else if (!this.#mayBe(last)) this.#reset(errorCode.protocol);
    else this.#take(bytes.subarray(from, to), last);
  }

  onTrailers(wellFormed: boolean): void {
    if (this.#clientEnded) this.#reset(errorCode.streamClosed);
    else if (!wellFormed || !this.#mayBe(true)) this.#reset(errorCode.protocol);
    else this.#take(nothing, true);
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
    if (bytes === 0) this.#reset(errorCode.protocol);
    else if (!this.widen(bytes)) this.#reset(errorCode.flowControl);
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
    this.#sink = sink;
    const early = this.#early;
    this.#early = [];
    if (early.length === 0 && !this.#clientEnded) sink.flush();
    if (early.length === 0 && this.#clientEnded) sink.send(nothing, 0, 0, true);
    for (const [i, piece] of early.entries()) {
      sink.send(piece, 0, piece.length, this.#clientEnded && i === early.length - 1);
    }
    if (!sink.isFull) this.resumeBody();
  }

  resumeBody(): void {
    const owed = this.#owed;
    this.#owed = 0;
    if (owed === 0) return;
    this.#host.consumed(owed);
    this.#credit += owed;
    if (this.#clientEnded || this.#over || this.#credit < firstWindowBytes / 4) return;
    this.#receiveWindow += this.#credit;
    this.#host.writer.number(frameType.windowUpdate, this.id, this.#credit);
    this.#credit = 0;
  }

  sayContinue(): void {
    if (this.#over) return;
    encoder.begin(100, this.#isFirst());
    this.#writeHead(false);
  }

  interim(head: ResponseHead): void {
    if (this.#over || head.status === 101) return;
    writeResponse(encoder, head, '', this.#isFirst());
    this.#writeHead(false);
  }

  answer(head: ResponseHead, extraFields: string, bytes: Buffer, from: number, to: number, last: boolean): boolean {
    if (this.#over) return true;
    writeResponse(encoder, head, extraFields, this.#isFirst());
    const ends = last && from === to;
    this.#writeHead(ends);
    return ends || this.pass(bytes, from, to, last);
  }

  pass(bytes: Buffer, from: number, to: number, last: boolean): boolean {
    if (this.#over || this.#answerEnded) return true;
    const sent = this.#queue.length === 0 ? this.#writeData(bytes, from, to, last) : from;
    if (sent < to || (last && !this.#answerEnded)) {
      // All the copying is done here: the client's pace is not the dyno's.
      this.#queue.push(Buffer.from(bytes.subarray(sent, to)));
      this.#queuedBytes += to - sent;
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
    encoder.begin(status, this.#isFirst());
    encoder.add('content-type', type);
    encoder.add('content-length', String(body.length));
    encoder.add('cache-control', 'no-cache, no-store');
    encoder.add('server', 'ravine');
    this.#writeHead(isHead);
    if (!isHead) this.pass(body, 0, body.length, true);
  }

  next(): void {
    this.#exchange = undefined;
    this.#sink = undefined;
    this.#early = [];
    this.#sinceMs = performance.now();
    this.resumeBody();
    this.#closeIfDone();
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
    const before = this.#queuedBytes;
    while (this.#queue.length > 0 && !this.#over) {
      const [piece = nothing] = this.#queue;
      const ends = this.#queueEnds && this.#queue.length === 1;
      const sent = this.#writeData(piece, 0, piece.length, ends);
      this.#queuedBytes -= sent;
      if (sent < piece.length || (ends && !this.#answerEnded)) {
        this.#queue[0] = piece.subarray(sent);
        break;
      }
      this.#queue.shift();
    }
    if (this.#queuedBytes === before && this.#queue.length > 0) return;
    this.#sinceMs = performance.now();
    if (this.#queue.length > 0) return;
    this.#exchange?.worker?.visitorDrained();
    this.#closeIfDone();
  }

  #take(bytes: Buffer, last: boolean): void {
    if (last) this.#clientEnded = true;
    const sink = this.#sink;
    if (sink) {
      // A large piece may be written later than now, out of memory that others read into.
      const piece = bytes.length > smallBytes ? Buffer.from(bytes) : bytes;
      if (last || piece.length > 0) sink.send(piece, 0, piece.length, last);
      if (!sink.isFull) this.resumeBody();
    } else if (!this.#exchange) this.resumeBody();
    else if (bytes.length > 0) this.#early.push(Buffer.from(bytes));
    if (!this.#exchange) this.#closeIfDone();
  }

  /** Whether what has come fits the length that was announced. */
  #mayBe(whole: boolean): boolean {
    const missing = this.#announced - this.#received;
    return this.#announced <= 0 || missing === 0 || (missing > 0 && !whole);
  }

  #isFirst(): boolean {
    const first = !this.#host.saidTableSize;
    this.#host.saidTableSize = true;
    return first;
  }

  #writeHead(last: boolean): void {
    this.#host.writer.headers(this.id, encoder.bytes, encoder.length, last);
    if (last) this.#answerEnded = true;
  }

  /** Writes what the client and the connection have room for. @returns up to where. */
  #writeData(bytes: Buffer, from: number, to: number, last: boolean): number {
    const host = this.#host;
    let at = from;
    do {
      const most = Math.min(mostFrameBytes, this.#sendWindow, host.sendWindow, to - at);
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

  #reset(code: number): void {
    if (this.#over) return;
    this.#host.writer.number(frameType.resetStream, this.id, code);
    this.#close();
    this.#tellGone(code);
  }

  #close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#early = [];
    this.resumeBody();
    this.#host.forget(this);
  }

  #tellGone(code: number): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#sink = undefined;
    if (!exchange) return;
    if (code !== errorCode.none && code !== errorCode.cancel) exchange.worker?.interrupt(failed('H33', 'client'));
    exchange.clientLeft();
  }
}
