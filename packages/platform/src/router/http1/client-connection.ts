import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Connection, Front } from '../front.ts';
import { answered } from '../verdict.ts';
import type { Asked, BodySink, Visitor } from '../visitor.ts';
import { plainAddress, type VisitorLines, visitorLines } from '../visitor-lines.ts';
import type { BareHandle } from './bare-handle.ts';
import type { BareSocket } from './bare-socket.ts';
import { BodyDecoder } from './body-decoder.ts';
import { ClientSocket, type Receiver } from './client-socket.ts';
import { reasonPhrases } from './reason-phrases.data.ts';
import { FieldMemory, parseRequestHead, type Refusal, type RequestHead } from './request-head.ts';
import type { ResponseHead } from './response-head.ts';
import { type Framing, framingFor, interimText, responseText, switchText, usualText } from './response-text.ts';
import { sendPart, unsentBytes } from './send-part.ts';

/** How much of what has come is turned into text at once, in the hope that a head is in there. */
const usualHeadBytes = 4_096;
/** How much longer than the one before it a head in front of a body may be, so that this still finds it. */
const slackBytes = 256;
/** Requests that a client sends ahead of their answers are kept up to this size; then it has to wait. */
const mostStashedBytes = 64 * 1_024;
/** After a goodbye so much may still come, for so long, that the client gets to read the goodbye. */
const lingerBytes = 1_024 * 1_024;
const lingerMs = 2_000;
const slowHead: Refusal = { kind: 'refusal', status: 408, cause: 'request head too slow' };
/** First byte of a TLS record that carries a handshake (RFC 8446 section 5.1). */
const tlsHandshake = 0x16;

/**
 * One HTTP/1.x connection of a client. What it does with bytes:
 * - `fresh`: the first one tells TLS from HTTP
 * - `head`: a request's head is read, or awaited
 * - `body`: the body goes to the sink; without one it waits
 * - `held`: the request is whole; bytes wait until its exchange is over
 * - `tunnel`: bytes go to the sink as they are
 * - `lingering`: the last answer is sent; bytes are dropped
 * - `gone`: nobody is there any more
 */
export class ClientConnection implements Connection, Visitor, Receiver {
  readonly address: string;
  readonly port: number;
  readonly secure: boolean;
  readonly protocol = 'http1.1';
  readonly tlsVersion: string;
  readonly serverName: string | undefined;
  readonly lines: VisitorLines;
  readonly #front: Front;
  readonly #client: ClientSocket;
  readonly #socket: Socket | BareSocket;
  #body: BodyDecoder | undefined;
  /** Of connections that carry more than one request. */
  #memory: FieldMemory | undefined;
  #reading: 'fresh' | 'head' | 'body' | 'held' | 'tunnel' | 'lingering' | 'gone' = 'fresh';
  #text = '';
  #likelyHeadBytes = usualHeadBytes;
  #stash: Buffer | undefined;
  #consuming = false;
  #exchange: Asked | undefined;
  #head: RequestHead | undefined;
  #sink: BodySink | undefined;
  #framing: Framing = 'none';
  #closes = false;
  #sinceMs: number;
  #lingered = 0;
  #unsent = 0;
  #noDelay = false;

  constructor(front: Front, source: Socket | BareHandle, port: number) {
    this.#front = front;
    this.#sinceMs = front.clock.nextMs;
    this.port = port;
    this.#client = new ClientSocket(source, this);
    this.#socket = this.#client.socket;
    this.address = plainAddress(this.#socket.remoteAddress);
    const tls = this.#socket instanceof TLSSocket ? this.#socket : undefined;
    this.secure = tls !== undefined;
    this.tlsVersion = tls?.getProtocol()?.toLowerCase().replace('v', '') ?? 'unknown';
    this.serverName = tls?.servername ? String(tls.servername).toLowerCase() : undefined;
    this.lines = visitorLines(this, this.secure, this.protocol);
    if (this.secure) this.#reading = 'head';
  }

  get isFull(): boolean {
    return this.#socket.writableLength >= this.#front.queueLimitBytes;
  }

  get progress(): number {
    return unsentBytes(this.#socket);
  }

  /** Whether it waits for a request and nothing of one has come. */
  get isIdle(): boolean {
    return (this.#reading === 'head' || this.#reading === 'fresh') && this.#text === '' && !this.#exchange;
  }

  // The client speaks

  onBytes(bytes: Buffer, from: number, to: number): void {
    if (this.#reading === 'fresh') {
      if (bytes[from] === tlsHandshake) {
        const first = Buffer.from(bytes.subarray(from, to));
        this.#leave();
        this.#front.startTls(this.#client.release(), first);
        return;
      }
      this.#reading = 'head';
    }
    if (this.#stash) {
      const all = Buffer.concat([this.#stash, bytes.subarray(from, to)]);
      this.#stash = undefined;
      this.#consume(all, 0, all.length);
    } else this.#consume(bytes, from, to);
  }

  onEnd(): void {
    const exchange = this.#exchange;
    if (exchange && this.#reading === 'tunnel') exchange.worker?.interrupt(answered);
    else if (exchange) this.#left();
    else if (unsentBytes(this.#socket) === 0) this.#destroy();
    else if (this.#reading !== 'lingering') this.#linger();
  }

  onGone(): void {
    this.#left();
  }

  onDrain(): void {
    this.#exchange?.worker?.visitorDrained();
  }

  // The router looks

  checkTime(nowMs: number): void {
    const { clientIdleMs, headMs, idleMs } = this.#front.timeouts;
    const unsent = unsentBytes(this.#socket);
    if (unsent !== this.#unsent) this.#sinceMs = nowMs;
    this.#unsent = unsent;
    const silentMs = nowMs - this.#sinceMs;
    if (this.#exchange) this.#exchange.worker?.checkTime(nowMs);
    else if (this.#reading === 'lingering') {
      if (silentMs >= (unsent > 0 ? idleMs : lingerMs)) this.#destroy();
    } else if (this.#text !== '') {
      if (silentMs >= headMs) this.#refuse(slowHead, this.#text);
    } else if (silentMs >= clientIdleMs) this.close();
  }

  /** Ends an idle connection; a request that crosses the goodbye is read and dropped. */
  close(): void {
    if (this.#reading === 'fresh') this.#destroy();
    else this.#linger();
  }

  destroy(): void {
    this.#left();
  }

  // The exchange speaks

  attach(exchange: Asked): void {
    this.#exchange = exchange;
  }

  sendBodyTo(sink: BodySink): void {
    this.#sink = sink;
    if (this.#consuming) return;
    this.#consumeStash();
    if (!this.#client.gathers) sink.flush();
  }

  resumeBody(): void {
    this.#client.resume();
  }

  sayContinue(): void {
    this.#socket.write('HTTP/1.1 100 Continue\r\n\r\n', 'latin1');
  }

  interim(head: ResponseHead): void {
    if (this.#head?.minorVersion === 1) this.#socket.write(interimText(head), 'latin1');
  }

  answer(head: ResponseHead, extraFields: string, bytes: Buffer, from: number, to: number, last: boolean): boolean {
    const request = this.#head;
    const framing = framingFor(head, request?.method ?? 'GET', request?.minorVersion ?? 1);
    this.#framing = framing;
    this.#closes ||=
      framing === 'until close' || this.#reading === 'body' || (this.#front.isClosing && this.#stash === undefined);
    const connection = this.#closes ? 'close' : 'keep-alive';
    const isUsual = extraFields === '' && !this.#closes && (framing === 'chunked' || framing === 'length');
    const text = isUsual ? usualText(head, framing) : responseText(head, framing, extraFields, connection);
    return sendPart(this.#socket, text, bytes, from, to, framing === 'chunked', last);
  }

  pass(bytes: Buffer, from: number, to: number, last: boolean): boolean {
    if (!this.#noDelay) {
      // A message of several parts must not wait until the client has confirmed the part before.
      this.#noDelay = true;
      this.#socket.setNoDelay();
    }
    return sendPart(this.#socket, '', bytes, from, to, this.#framing === 'chunked', last);
  }

  switchProtocol(head: ResponseHead): void {
    this.#framing = 'none';
    this.#closes = true;
    this.#reading = 'tunnel';
    // Tunnels are mostly silent and their messages small: none has memory of its own for long.
    this.#client.streaming = false;
    this.#client.mayGather = false;
    this.#socket.write(switchText(head), 'latin1');
  }

  page(status: number, type: string, text: string): void {
    this.#closes ||= this.#reading === 'body' || (this.#front.isClosing && this.#stash === undefined);
    const body = this.#exchange?.request.method === 'HEAD' ? '' : text;
    const connection = this.#closes ? 'close' : 'keep-alive';
    this.#socket.write(
      `HTTP/1.1 ${status} ${reasonPhrases[status] ?? 'Error'}\r\nContent-Type: ${type}\r\n` +
        `Content-Length: ${Buffer.byteLength(text)}\r\nCache-Control: no-cache, no-store\r\nServer: ravine\r\nConnection: ${connection}\r\n\r\n${body}`,
    );
  }

  next(): void {
    const askedToClose = this.#head?.keepAlive === false;
    this.#exchange = undefined;
    this.#sink = undefined;
    this.#head = undefined;
    this.#sinceMs = this.#front.clock.nextMs;
    if (this.#reading === 'gone') return;
    if (this.#closes) this.#goodbye(askedToClose);
    else {
      this.#reading = 'head';
      this.#memory ??= new FieldMemory();
      if (!this.#consuming) this.#consumeStash();
    }
  }

  end(): void {
    this.#exchange = undefined;
    this.#linger();
  }

  abort(): void {
    this.#exchange = undefined;
    // Only a reset tells a client that an answer which ends with its connection isn't whole.
    const resets = this.#framing === 'until close' && !this.secure;
    this.#leave();
    if (resets) this.#socket.resetAndDestroy();
    else this.#socket.destroy();
  }

  #consume(bytes: Buffer, from: number, to: number): void {
    let at = from;
    this.#consuming = true;
    for (let before = -1; at < to && at !== before; ) {
      before = at;
      if (this.#reading === 'head') at = this.#readHead(bytes, at, to);
      else if (this.#reading === 'body' && this.#sink && this.#body) {
        at = this.#readBody(this.#sink, this.#body, bytes, at, to);
      } else if (this.#reading === 'tunnel' && this.#sink) at = this.#readTunnel(this.#sink, bytes, at, to);
      else if (this.#reading === 'lingering') at = this.#drop(at, to);
      else if (this.#reading === 'gone') at = to;
    }
    this.#consuming = false;
    if (this.#reading === 'body' && !this.#client.gathers) this.#sink?.flush();
    if (at >= to) return;
    this.#stash = Buffer.from(bytes.subarray(at, to));
    if (this.#stash.length >= mostStashedBytes) this.#client.pause();
  }

  #consumeStash(): void {
    const stash = this.#stash;
    this.#stash = undefined;
    if (stash) this.#consume(stash, 0, stash.length);
    if (this.#stash === undefined && !this.#sink?.isFull) this.#client.resume();
  }

  #readHead(bytes: Buffer, from: number, to: number): number {
    const searched = this.#text.length;
    let text = this.#text + bytes.toString('latin1', from, Math.min(to, from + this.#likelyHeadBytes));
    let head = parseRequestHead(text, searched, this.#memory);
    if (head === undefined && to - from > this.#likelyHeadBytes) {
      text = this.#text + bytes.toString('latin1', from, to);
      head = parseRequestHead(text, searched, this.#memory);
    }
    if (head === undefined) {
      if (searched === 0) this.#sinceMs = this.#front.clock.nextMs;
      this.#text = text;
      return to;
    }
    this.#text = '';
    if (head.kind === 'refusal') {
      this.#refuse(head, text);
      return to;
    }
    this.#head = head;
    this.#closes = !head.keepAlive;
    if (head.bodyBytes === 0) this.#reading = 'held';
    else {
      this.#reading = 'body';
      this.#likelyHeadBytes = Math.min(usualHeadBytes, head.bytes + slackBytes);
      this.#client.streaming = true;
      this.#client.mayGather = head.bodyBytes > 0;
      this.#body ??= new BodyDecoder();
      if (head.bodyBytes < 0) this.#body.startChunked();
      else this.#body.startLength(head.bodyBytes);
    }
    this.#front.begin(this, head);
    return from + head.bytes - searched;
  }

  #readBody(sink: BodySink, body: BodyDecoder, bytes: Buffer, from: number, to: number): number {
    const state = body.decode(bytes, from, to);
    if (state === 'bad') {
      this.#closes = true;
      sink.bodyBroke('bad chunk');
      return to;
    }
    const last = state === 'done';
    const { end } = body;
    if (last) {
      this.#reading = 'held';
      this.#client.streaming = false;
    }
    if (last || body.to > body.from) this.#client.handOver(bytes, body.from, body.to, sink, last);
    if (!last && sink.isFull) this.#client.pause();
    return end;
  }

  #readTunnel(sink: BodySink, bytes: Buffer, from: number, to: number): number {
    this.#client.handOver(bytes, from, to, sink, false);
    if (sink.isFull) this.#client.pause();
    return to;
  }

  #drop(from: number, to: number): number {
    this.#lingered += to - from;
    if (this.#lingered > lingerBytes) this.#destroy();
    return to;
  }

  #refuse(refusal: Refusal, text: string): void {
    this.#text = '';
    this.#closes = true;
    this.#reading = 'held';
    this.#front.refuse(this, refusal, text);
  }

  /** A client that asked for the end sends nothing that a sudden one could cut off. */
  #goodbye(asked: boolean): void {
    const atOnce = asked && this.#reading === 'held' && !this.#stash && !this.secure && !this.#socket.writableLength;
    if (atOnce) this.#destroy();
    else this.#linger();
  }

  /** Says goodbye behind everything that has been written. */
  #linger(): void {
    if (this.#reading === 'gone') return;
    this.#reading = 'lingering';
    this.#sinceMs = this.#front.clock.nextMs;
    this.#client.streaming = false;
    this.#stash = undefined;
    this.#sink = undefined;
    this.#client.resume();
    this.#socket.end();
  }

  #left(): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#destroy();
    exchange?.clientLeft();
  }

  #destroy(): void {
    this.#leave();
    this.#socket.destroy();
  }

  #leave(): void {
    if (this.#reading === 'gone') return;
    this.#reading = 'gone';
    this.#stash = undefined;
    this.#sink = undefined;
    this.#front.forget(this);
  }
}
