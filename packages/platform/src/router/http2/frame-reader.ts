import { clientPreface, errorCode, flag, frameHeadBytes, frameType, mostFrameBytes } from './protocol.data.ts';

/** Compressed fields of one head, however many frames they come in; more ends the connection. */
const mostBlockBytes = 128 * 1_024;
const mostContinuations = 64;

/** What ends a whole connection. @see RFC 9113 section 5.4.1 */
export class ConnectionFault extends Error {
  readonly code: number;

  constructor(code: number, why: string) {
    super(why);
    this.code = code;
  }
}

export const protocolFault = (why: string): ConnectionFault => new ConnectionFault(errorCode.protocol, why);
export const sizeFault = (why: string): ConnectionFault => new ConnectionFault(errorCode.frameSize, why);

/** Gets what frames say, once each has wholly come. Bytes are only there until it returns. */
export interface FrameUser {
  /** Padding is left out; `size` is what the frame counts for flow control. */
  onData(stream: number, bytes: Buffer, from: number, to: number, size: number, last: boolean): void;
  onHeaders(stream: number, bytes: Buffer, from: number, to: number, last: boolean): void;
  onReset(stream: number, code: number): void;
  onSettings(bytes: Buffer, from: number, to: number): void;
  onPing(bytes: Buffer, from: number, to: number): void;
  onWindowUpdate(stream: number, bytes: number): void;
  /** A frame that changes nothing: too many of them are no accident. */
  onNuisance(): void;
}

/**
 * Takes the bytes of a client apart into frames, strictly. Where it is:
 * - `preface`: before anything else come 24 bytes that no HTTP/1 server would take for a request
 * - `first`: the first frame must be SETTINGS
 * - `frames`: any frame
 * - `block`: fields go on, in CONTINUATION frames of the same stream and nothing else
 *
 * @see RFC 9113 sections 3.4, 4 and 6
 */
export class FrameReader {
  readonly #user: FrameUser;
  #place: 'preface' | 'first' | 'frames' | 'block' = 'preface';
  #rest: Buffer | undefined;
  #block: Buffer[] = [];
  #blockBytes = 0;
  #blockStream = 0;
  #blockIsLast = false;

  constructor(user: FrameUser) {
    this.#user = user;
  }

  /** @throws ConnectionFault */
  read(bytes: Buffer, from: number, to: number): void {
    const rest = this.#rest;
    this.#rest = undefined;
    if (rest) {
      const all = Buffer.concat([rest, bytes.subarray(from, to)]);
      this.#readFrames(all, 0, all.length);
    } else this.#readFrames(bytes, from, to);
  }

  #readFrames(bytes: Buffer, from: number, to: number): void {
    let at = from;
    if (this.#place === 'preface') {
      const came = bytes.toString('latin1', at, Math.min(to, at + clientPreface.length));
      if (!clientPreface.startsWith(came)) throw protocolFault('no preface');
      if (came.length === clientPreface.length) {
        this.#place = 'first';
        at += came.length;
      }
    }
    while (this.#place !== 'preface' && to - at >= frameHeadBytes) {
      const length = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
      if (length > mostFrameBytes) throw sizeFault('frame too large');
      const end = at + frameHeadBytes + length;
      if (end > to) break;
      const stream = bytes.readUInt32BE(at + 5) & 0x7f_ff_ff_ff;
      this.#take(bytes[at + 3] ?? 0, bytes[at + 4] ?? 0, stream, bytes, at + frameHeadBytes, end);
      at = end;
    }
    if (at < to) this.#rest = Buffer.from(bytes.subarray(at, to));
  }

  #take(type: number, flags: number, stream: number, bytes: Buffer, from: number, to: number): void {
    if (this.#place === 'first' && (type !== frameType.settings || (flags & flag.acknowledge) !== 0)) {
      throw protocolFault('expected SETTINGS first');
    }
    if (this.#place === 'block' && (type !== frameType.continuation || stream !== this.#blockStream)) {
      throw protocolFault('expected CONTINUATION');
    }
    if (this.#place === 'first') this.#place = 'frames';
    switch (type) {
      case frameType.data:
        this.#takeData(flags, streamOf(stream), bytes, from, to);
        break;
      case frameType.headers:
        this.#takeHeaders(flags, streamOf(stream), bytes, from, to);
        break;
      case frameType.continuation:
        if (this.#place !== 'block') throw protocolFault('CONTINUATION of nothing');
        this.#addToBlock(bytes, from, to, (flags & flag.endHeaders) !== 0);
        break;
      case frameType.priority:
        streamOf(stream);
        if (to - from !== 5) throw sizeFault('PRIORITY');
        this.#user.onNuisance();
        break;
      case frameType.resetStream:
        if (to - from !== 4) throw sizeFault('RST_STREAM');
        this.#user.onReset(streamOf(stream), bytes.readUInt32BE(from));
        break;
      case frameType.settings:
        this.#takeSettings(flags, stream, bytes, from, to);
        break;
      case frameType.ping:
        connectionOf(stream);
        if (to - from !== 8) throw sizeFault('PING');
        this.#user.onNuisance();
        if ((flags & flag.acknowledge) === 0) this.#user.onPing(bytes, from, to);
        break;
      case frameType.goAway:
        connectionOf(stream);
        if (to - from < 8) throw sizeFault('GOAWAY');
        this.#user.onNuisance();
        break;
      case frameType.windowUpdate:
        if (to - from !== 4) throw sizeFault('WINDOW_UPDATE');
        this.#user.onWindowUpdate(stream, bytes.readUInt32BE(from) & 0x7f_ff_ff_ff);
        break;
      case frameType.pushPromise:
        throw protocolFault('PUSH_PROMISE of a client');
      default:
        // Unknown types are ignored (section 4.1).
        this.#user.onNuisance();
    }
  }

  #takeData(flags: number, stream: number, bytes: Buffer, from: number, to: number): void {
    const first = payloadFrom(flags, from);
    const end = payloadTo(flags, bytes, from, to);
    const last = (flags & flag.endStream) !== 0;
    if (first === end && !last) this.#user.onNuisance();
    this.#user.onData(stream, bytes, first, end, to - from, last);
  }

  #takeHeaders(flags: number, stream: number, bytes: Buffer, from: number, to: number): void {
    let first = payloadFrom(flags, from);
    const end = payloadTo(flags, bytes, from, to);
    if ((flags & flag.priority) !== 0) {
      if (end - first < 5) throw sizeFault('HEADERS');
      if ((bytes.readUInt32BE(first) & 0x7f_ff_ff_ff) === stream) throw protocolFault('a stream depends on itself');
      first += 5;
    }
    const last = (flags & flag.endStream) !== 0;
    if ((flags & flag.endHeaders) !== 0) {
      this.#user.onHeaders(stream, bytes, first, end, last);
      return;
    }
    this.#place = 'block';
    this.#blockStream = stream;
    this.#blockIsLast = last;
    this.#addToBlock(bytes, first, end, false);
  }

  #addToBlock(bytes: Buffer, from: number, to: number, ends: boolean): void {
    this.#blockBytes += to - from;
    this.#block.push(Buffer.from(bytes.subarray(from, to)));
    if (this.#blockBytes > mostBlockBytes || this.#block.length > mostContinuations) {
      throw new ConnectionFault(errorCode.enhanceYourCalm, 'fields without end');
    }
    if (!ends) return;
    const block = Buffer.concat(this.#block);
    this.#block = [];
    this.#blockBytes = 0;
    this.#place = 'frames';
    this.#user.onHeaders(this.#blockStream, block, 0, block.length, this.#blockIsLast);
  }

  #takeSettings(flags: number, stream: number, bytes: Buffer, from: number, to: number): void {
    connectionOf(stream);
    if ((flags & flag.acknowledge) !== 0) {
      if (to > from) throw sizeFault('SETTINGS');
      return;
    }
    if ((to - from) % 6 !== 0) throw sizeFault('SETTINGS');
    this.#user.onNuisance();
    this.#user.onSettings(bytes, from, to);
  }
}

const streamOf = (stream: number): number => {
  if (stream === 0) throw protocolFault('a frame that needs a stream');
  return stream;
};

const connectionOf = (stream: number): void => {
  if (stream !== 0) throw protocolFault('a frame of the connection on a stream');
};

/** Of a frame that may be padded (section 6.1). */
const payloadFrom = (flags: number, from: number): number => ((flags & flag.padded) === 0 ? from : from + 1);

const payloadTo = (flags: number, bytes: Buffer, from: number, to: number): number => {
  if ((flags & flag.padded) === 0) return to;
  if (from === to) throw sizeFault('padding');
  const end = to - (bytes[from] ?? 0);
  if (end < from + 1) throw protocolFault('padding');
  return end;
};
