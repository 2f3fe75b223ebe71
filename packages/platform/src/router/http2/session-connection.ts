import type { TLSSocket } from 'node:tls';
import type { Connection, Front } from '../front.ts';
import { headroomBytes, ReadBuffer } from '../http1/read-buffer.ts';
import { readInto } from '../http1/read-into.ts';
import type { Refusal } from '../http1/request-head.ts';
import { plainAddress, type VisitorLines, visitorLines } from '../visitor-lines.ts';
import { ConnectionFault, FrameReader, type FrameUser, protocolFault } from './frame-reader.ts';
import { FrameWriter } from './frame-writer.ts';
import { HpackDecoder } from './hpack-decoder.ts';
import { Patience } from './patience.ts';
import {
  errorCode,
  firstWindowBytes,
  flag,
  frameType,
  mostFrameBytes,
  mostWindowBytes,
  setting,
} from './protocol.data.ts';
import { judgeHead } from './request-head.ts';
import { areTrailers } from './request-lines.ts';
import { type StreamHost, StreamVisitor } from './stream-visitor.ts';
import { firstUploadBytes } from './upload-window.ts';

/** Requests that one client may have under way on one connection. */
const mostStreams = 128;
const mostHeadBytes = 64 * 1_024;
const mostFields = 1_000;
/** What bodies of all streams may send ahead of the dynos that take them. */
const receiveWindowBytes = 1_024 * 1_024;
/** Streams send no more while so much waits for the client to read. */
const mostWaitingBytes = 256 * 1_024;
/** Of a client that doesn't read, no PING is answered and no request begun beyond this. */
const mostUnreadBytes = 1_024 * 1_024;
/** After a goodbye the client has so long to close. */
const lingerMs = 2_000;

const tooLarge: Refusal = { kind: 'refusal', status: 431, cause: 'header too large' };

/** All read into this one: what is read has been dealt with before the next one reads. */
const shared = new ReadBuffer();

const numbers = (...pairs: readonly (readonly [id: number, value: number])[]): Buffer => {
  const bytes = Buffer.alloc(6 * pairs.length);
  for (const [i, [id, value]] of pairs.entries()) bytes.writeUInt32BE(value, bytes.writeUInt16BE(id, 6 * i));
  return bytes;
};

const ownSettings = numbers(
  [setting.maxConcurrentStreams, mostStreams],
  [setting.initialWindowSize, firstUploadBytes],
  [setting.maxHeaderListSize, mostHeadBytes],
);

/**
 * One HTTP/2 connection of a client (RFC 9113): `frame-reader` says what came, `frame-writer` gathers what goes, and
 * each request is a `stream-visitor`. Requests that come after the goodbye are refused, so that the client may send
 * them elsewhere.
 */
export class SessionConnection implements StreamHost, Connection, FrameUser {
  readonly address: string;
  readonly port: number;
  readonly tlsVersion: string;
  readonly serverName: string | undefined;
  readonly lines: VisitorLines;
  readonly writer: FrameWriter;
  /** It can always be asked to close: what is under way ends first. */
  readonly isIdle = true;
  sendWindow = firstWindowBytes;
  waitingStreams = 0;
  saidTableSize = false;
  readonly #front: Front;
  readonly #socket: TLSSocket;
  readonly #reader = new FrameReader(this);
  readonly #decoder = new HpackDecoder({ listBytes: mostHeadBytes, fields: mostFields });
  readonly #streams = new Map<number, StreamVisitor>();
  readonly #patience = new Patience();
  #lastStream = 0;
  #streamWindow = firstWindowBytes;
  #receiveWindow = receiveWindowBytes;
  #consumed = 0;
  #windowHasGrown = false;
  #state: 'open' | 'closing' | 'lingering' | 'gone' = 'open';
  #sinceMs = performance.now();

  constructor(front: Front, socket: TLSSocket) {
    this.#front = front;
    this.#socket = socket;
    this.port = socket.localPort ?? 0;
    this.address = plainAddress(socket.remoteAddress);
    this.tlsVersion = socket.getProtocol()?.toLowerCase().replace('v', '') ?? 'unknown';
    this.serverName = socket.servername ? String(socket.servername).toLowerCase() : undefined;
    this.lines = visitorLines(this, true, 'http2.0');
    this.writer = new FrameWriter(socket);
    this.writer.frame(frameType.settings, 0, 0, ownSettings);
    this.writer.number(frameType.windowUpdate, 0, receiveWindowBytes - firstWindowBytes);
    socket.setNoDelay();
    socket.on('error', () => this.destroy());
    socket.on('close', () => this.destroy());
    socket.on('end', () => this.destroy());
    socket.on('drain', () => this.#sendWaiting());
    const onread = {
      buffer: () => shared.view,
      callback: (count: number) => {
        this.#read(shared.bytes, headroomBytes, headroomBytes + count);
        return true;
      },
    };
    if (!readInto(socket, onread)) socket.on('data', (bytes: Buffer) => this.#read(bytes, 0, bytes.length));
  }

  // The router looks

  checkTime(nowMs: number): void {
    this.#patience.recover(nowMs);
    if (this.#state === 'lingering') {
      if (nowMs - this.#sinceMs >= lingerMs) this.destroy();
      return;
    }
    for (const stream of this.#streams.values()) stream.checkTime(nowMs, this.#front.timeouts.idleMs);
    if (this.#streams.size > 0) this.#sinceMs = nowMs;
    else if (nowMs - this.#sinceMs >= this.#front.timeouts.clientIdleMs) this.close();
  }

  close(): void {
    if (this.#state !== 'open') return;
    this.#state = 'closing';
    this.#sayGoodbye(errorCode.none);
    if (this.#streams.size === 0) this.#linger();
  }

  destroy(): void {
    if (this.#state === 'gone') return;
    this.#state = 'gone';
    this.#socket.destroy();
    for (const stream of [...this.#streams.values()]) stream.onLost();
    this.#streams.clear();
    this.#front.forget(this);
  }

  // The streams speak

  get isCongested(): boolean {
    return this.writer.waiting >= mostWaitingBytes;
  }

  onStreamFault(): void {
    if (!this.#patience.bearsReset()) throw new ConnectionFault(errorCode.enhanceYourCalm, 'too many broken streams');
  }

  forget(stream: StreamVisitor): void {
    this.#streams.delete(stream.id);
    if (this.#state === 'closing' && this.#streams.size === 0) this.#linger();
  }

  consumed(bytes: number): void {
    this.#consumed += bytes;
    if (this.#consumed < receiveWindowBytes / 4) return;
    this.writer.number(frameType.windowUpdate, 0, this.#consumed);
    this.#receiveWindow += this.#consumed;
    this.#consumed = 0;
  }

  // The client speaks

  onHeaders(id: number, bytes: Buffer, from: number, to: number, last: boolean): void {
    const decoder = this.#decoder;
    if (!decoder.decode(bytes, from, to)) throw new ConnectionFault(errorCode.compression, 'fields');
    if ((id & 1) === 0) throw protocolFault('a stream of the server');
    if (id > this.#lastStream) {
      this.#lastStream = id;
      if (this.#mayBegin()) this.#begin(id, last);
      else this.writer.number(frameType.resetStream, id, errorCode.refusedStream);
      return;
    }
    const open = this.#streams.get(id);
    if (open) open.onTrailers(last && areTrailers(decoder.fields));
    else this.onNuisance();
  }

  onData(id: number, bytes: Buffer, from: number, to: number, size: number, last: boolean): void {
    this.#receiveWindow -= size;
    if (this.#receiveWindow < 0) throw new ConnectionFault(errorCode.flowControl, 'more than the window');
    const stream = this.#known(id);
    if (stream) stream.onData(bytes, from, to, size, last);
    else {
      this.onNuisance();
      this.consumed(size);
    }
  }

  onReset(id: number, code: number): void {
    const stream = this.#known(id);
    if (!this.#patience.bearsReset()) throw new ConnectionFault(errorCode.enhanceYourCalm, 'too many resets');
    stream?.onReset(code);
  }

  onSettings(bytes: Buffer, from: number, to: number): void {
    for (let at = from; at < to; at += 6) this.#set(bytes.readUInt16BE(at), bytes.readUInt32BE(at + 2));
    this.#answer(frameType.settings, bytes, to, to);
  }

  onPing(bytes: Buffer, from: number, to: number): void {
    this.#answer(frameType.ping, bytes, from, to);
  }

  onWindowUpdate(id: number, bytes: number): void {
    if (id > 0) {
      this.#known(id)?.onWindowUpdate(bytes);
      return;
    }
    if (bytes === 0) throw protocolFault('a window that does not grow');
    this.sendWindow += bytes;
    if (this.sendWindow > mostWindowBytes) throw new ConnectionFault(errorCode.flowControl, 'a window too large');
    this.#windowHasGrown = true;
  }

  onNuisance(): void {
    if (!this.#patience.bearsNuisance()) throw new ConnectionFault(errorCode.enhanceYourCalm, 'too many empty frames');
  }

  #read(bytes: Buffer, from: number, to: number): void {
    if (this.#state === 'lingering' || this.#state === 'gone') return;
    try {
      this.#reader.read(bytes, from, to);
      if (this.#windowHasGrown) this.#sendWaiting();
    } catch (fault) {
      if (!(fault instanceof ConnectionFault)) throw fault;
      this.#sayGoodbye(fault.code);
      for (const stream of [...this.#streams.values()]) stream.onReset(fault.code);
      this.#linger();
    }
  }

  /** Streams that are refused may be sent again, on this connection or another one. */
  #mayBegin(): boolean {
    if (this.#state !== 'open') this.onNuisance();
    else if (this.#streams.size >= mostStreams || this.writer.waiting > mostUnreadBytes) this.onStreamFault();
    else return true;
    return false;
  }

  #begin(id: number, last: boolean): void {
    const { fields, exceeds } = this.#decoder;
    const { head, text } = exceeds ? { head: tooLarge, text: '' } : judgeHead(fields, last);
    const stream = new StreamVisitor(this, id, head.kind === 'head' ? head.bodyBytes : -1, last, this.#streamWindow);
    this.#streams.set(id, stream);
    if (head.kind === 'refusal') this.#front.refuse(stream, head, text);
    else this.#front.begin(stream, head);
  }

  /** The stream of that number; undefined when it is over. */
  #known(id: number): StreamVisitor | undefined {
    if (id > this.#lastStream || (id & 1) === 0) throw protocolFault('a stream that was never opened');
    return this.#streams.get(id);
  }

  #set(id: number, value: number): void {
    if (id === setting.enablePush && value > 1) throw protocolFault('ENABLE_PUSH');
    if (id === setting.maxFrameSize && (value < mostFrameBytes || value > 0xff_ff_ff))
      throw protocolFault('MAX_FRAME_SIZE');
    if (id !== setting.initialWindowSize) return;
    if (value > mostWindowBytes) throw new ConnectionFault(errorCode.flowControl, 'INITIAL_WINDOW_SIZE');
    const more = value - this.#streamWindow;
    this.#streamWindow = value;
    for (const stream of [...this.#streams.values()]) {
      if (!stream.widen(more)) throw new ConnectionFault(errorCode.flowControl, 'a window too large');
    }
    this.#windowHasGrown = true;
  }

  #answer(type: number, bytes: Buffer, from: number, to: number): void {
    if (this.writer.waiting > mostUnreadBytes) throw new ConnectionFault(errorCode.enhanceYourCalm, 'reads nothing');
    this.writer.frame(type, flag.acknowledge, 0, bytes, from, to);
  }

  #sendWaiting(): void {
    this.#windowHasGrown = false;
    if (this.#state === 'gone' || this.waitingStreams === 0) return;
    for (const stream of [...this.#streams.values()]) stream.sendWaiting();
  }

  #sayGoodbye(code: number): void {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32BE(this.#lastStream, 0);
    bytes.writeUInt32BE(code, 4);
    this.writer.frame(frameType.goAway, 0, 0, bytes);
  }

  #linger(): void {
    if (this.#state === 'lingering' || this.#state === 'gone') return;
    this.#state = 'lingering';
    this.#sinceMs = performance.now();
    this.writer.flush();
    this.#socket.end();
  }
}
