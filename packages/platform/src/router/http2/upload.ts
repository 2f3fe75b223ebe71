import { smallBytes } from '../http1/send-part.ts';
import type { BodySink } from '../visitor.ts';
import { Backlog } from './backlog.ts';
import { errorCode } from './protocol.data.ts';
import { UploadWindow } from './upload-window.ts';

const nothing = Buffer.alloc(0);
/** Room for the beginning and the end of a chunk (RFC 9112 section 7.1), which make one write with what is between. */
const chunkMarginBytes = 16;

/** A large piece may be written later than now, and others read into the memory that it came in. */
const sendCopy = (sink: BodySink, bytes: Buffer, from: number, to: number, last: boolean): void => {
  const copy = Buffer.allocUnsafeSlow(to - from + 2 * chunkMarginBytes);
  const end = chunkMarginBytes + bytes.copy(copy, chunkMarginBytes, from, to);
  sink.send(copy, chunkMarginBytes, end, last);
};

/** Gets what flow control says of a body. */
export interface UploadHost {
  /** So much of what came was taken, or thrown away. */
  consumed(bytes: number): void;
  /** The stream may send so much more. */
  grant(bytes: number): void;
}

/** The body of one request, on its way from a stream to whoever takes it. */
export class Upload {
  readonly #host: UploadHost;
  /** Bytes that it shall have; below 0 when that wasn't said. */
  readonly #announced: number;
  readonly #window = new UploadWindow(performance.now());
  #received = 0;
  /** What came and was not taken. */
  #owed = 0;
  /** Where it goes: `nobody` once nothing more of it is wanted. */
  #sink: BodySink | 'nobody' | undefined;
  #held: Backlog | undefined;
  #ended = false;

  constructor(host: UploadHost, announced: number) {
    this.#host = host;
    this.#announced = announced;
  }

  /** @returns which rule the client has broken, or `none`. */
  onData(bytes: Buffer, from: number, to: number, size: number, last: boolean): number {
    this.#owed += size;
    if (!this.#window.came(size)) return errorCode.flowControl;
    if (this.#ended) return errorCode.streamClosed;
    this.#received += to - from;
    // What follows a length of zero is nobody's: the request is on its way as it was announced.
    if (this.#announced === 0) return this.#take(bytes, to, to, last);
    return this.#fits(last) ? this.#take(bytes, from, to, last) : errorCode.protocol;
  }

  onTrailers(wellFormed: boolean): number {
    if (this.#ended) return errorCode.streamClosed;
    return wellFormed && this.#fits(true) ? this.#take(nothing, 0, 0, true) : errorCode.protocol;
  }

  /** From its beginning. */
  sendTo(sink: BodySink): void {
    this.#sink = sink;
    if (this.#held) this.#sendHeld(sink);
    else if (this.#ended) sink.send(nothing, 0, 0, true);
    else sink.flush();
    if (!sink.isFull) this.#credit();
  }

  /** The sink has room again. */
  resume(): void {
    const sink = this.#sink;
    if (sink === undefined) return;
    if (this.#held && sink !== 'nobody') this.#sendHeld(sink);
    if (sink === 'nobody' || !sink.isFull) this.#credit();
  }

  /** What has come and what may come is thrown away. */
  discard(): void {
    this.#sink = 'nobody';
    this.#held = undefined;
    this.#credit();
  }

  /** Its stream is over. */
  end(): void {
    this.#ended = true;
    this.discard();
    this.#window.end();
  }

  #take(bytes: Buffer, from: number, to: number, last: boolean): number {
    if (last) this.#ended = true;
    const sink = this.#sink;
    if (sink === 'nobody') this.#credit();
    else if (sink && !this.#held && !sink.isFull) {
      if (to - from > smallBytes) sendCopy(sink, bytes, from, to, last);
      else if (last || to > from) sink.send(bytes, from, to, last);
      if (!sink.isFull) this.#credit();
    } else if (last || to > from) {
      // Many small pieces would each cost more than their bytes.
      this.#held ??= new Backlog();
      this.#held.add(bytes, from, to);
      if (sink && !sink.isFull) this.resume();
    }
    return errorCode.none;
  }

  #sendHeld(sink: BodySink): void {
    const held = this.#held;
    this.#held = undefined;
    if (held) sink.send(held.bytes, held.from, held.to, this.#ended);
  }

  #credit(): void {
    const owed = this.#owed;
    this.#owed = 0;
    if (owed === 0) return;
    this.#host.consumed(owed);
    const more = this.#window.taken(owed, performance.now());
    if (more > 0 && !this.#ended) this.#host.grant(more);
  }

  /** Whether what has come fits the length that was announced. */
  #fits(whole: boolean): boolean {
    const missing = this.#announced - this.#received;
    return this.#announced <= 0 || missing === 0 || (missing > 0 && !whole);
  }
}
