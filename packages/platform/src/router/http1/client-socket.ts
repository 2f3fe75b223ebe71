import { Socket } from 'node:net';
import { endOfRoom, giveBackReadBuffer, headroomBytes, ReadBuffer, takeReadBuffer } from './read-buffer.ts';
import { readInto } from './read-into.ts';
import { smallBytes } from './send-part.ts';

export interface Receiver {
  /** The bytes are only there until this returns. */
  onBytes(bytes: Buffer, from: number, to: number): void;
  onEnd(): void;
  onGone(): void;
  onDrain(): void;
}

/** A connection that the system has accepted and that no Socket belongs to yet. */
export interface AcceptedHandle {
  close(): void;
}

/** All connections that expect a head read into this one: what is read has been dealt with before the next one reads. */
const shared = new ReadBuffer();

/** A record of TLS holds so much at most; with less room than that a gathered part is sent. */
const recordBytes = 16 * 1_024;

export interface Outlet {
  /** @returns whether the bytes may be used again. */
  send(bytes: Buffer, from: number, to: number, last: boolean): boolean;
}

/**
 * A client's socket. While a head is expected it reads into memory that all share, so that an idle connection costs
 * little; while `streaming` it reads into memory of its own. TLS arrives in records, one read each: what comes of a
 * body in one turn is gathered, and goes on in one piece.
 */
export class ClientSocket {
  readonly socket: Socket;
  streaming = false;
  /** Whether what is read of a body may be gathered: not where its framing is written between its parts. */
  mayGather = false;
  readonly #secure: boolean;
  #own: ReadBuffer | undefined;
  #reading = shared;
  #readAt = headroomBytes;
  #gatheredFrom = 0;
  #gatheredTo = 0;
  #outlet: Outlet | undefined;
  #paused = false;
  #receiver: Receiver | undefined;

  constructor(source: Socket | AcceptedHandle, receiver: Receiver) {
    this.#receiver = receiver;
    this.#secure = source instanceof Socket && 'encrypted' in source;
    this.socket = source instanceof Socket ? source : this.#adopt(source);
    if (source instanceof Socket && !(this.#secure && readInto(source, this.#onread())))
      source.on('data', this.#onData);
    this.socket.on('end', () => this.#receiver?.onEnd());
    this.socket.on('error', () => this.#receiver?.onGone());
    this.socket.on('close', () => this.#receiver?.onGone());
    this.socket.on('drain', () => this.#receiver?.onDrain());
  }

  /** Whether a part of a body waits for more of it. */
  get gathers(): boolean {
    return this.#outlet !== undefined;
  }

  /** Leaves the socket to somebody else. */
  release(): Socket {
    this.#receiver = undefined;
    this.socket.off('data', this.#onData);
    this.socket.pause();
    return this.socket;
  }

  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.socket.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.socket.resume();
  }

  /** Hands payload over; moves it out of shared memory first when the write might outlast this call. */
  handOver(bytes: Buffer, from: number, to: number, outlet: Outlet, last: boolean): void {
    if (bytes === shared.bytes && to - from > smallBytes) {
      this.#own ??= takeReadBuffer();
      const own = this.#own.bytes;
      own.set(bytes.subarray(from, to), headroomBytes);
      this.#handOverOwn(headroomBytes, headroomBytes + to - from, outlet, last);
    } else if (bytes === this.#own?.bytes) this.#handOverOwn(from, to, outlet, last);
    else {
      this.#sendGathered();
      outlet.send(bytes, from, to, last);
    }
  }

  #handOverOwn(from: number, to: number, outlet: Outlet, last: boolean): void {
    let first = from;
    if (this.#outlet === outlet && from === this.#gatheredTo) {
      first = this.#gatheredFrom;
      this.#outlet = undefined;
    } else this.#sendGathered();
    const room = endOfRoom - to >= recordBytes;
    if (!this.#secure || !this.mayGather || last || !room) {
      if (this.#own && !outlet.send(this.#own.bytes, first, to, last)) this.#own = undefined;
      return;
    }
    this.#outlet = outlet;
    this.#gatheredFrom = first;
    this.#gatheredTo = to;
    if (first === from) setImmediate(() => this.#sendGathered());
  }

  #sendGathered(): void {
    const outlet = this.#outlet;
    this.#outlet = undefined;
    if (!outlet || !this.#own) return;
    if (!outlet.send(this.#own.bytes, this.#gatheredFrom, this.#gatheredTo, false)) this.#own = undefined;
  }

  #onread() {
    return {
      buffer: () => this.#nextView(),
      callback: (count: number) => {
        this.#receiver?.onBytes(this.#reading.bytes, this.#readAt, this.#readAt + count);
        return true;
      },
    };
  }

  #adopt(handle: AcceptedHandle): Socket {
    const options = { handle, allowHalfOpen: true, onread: this.#onread() };
    return new Socket(options as unknown as ConstructorParameters<typeof Socket>[0]); // `handle` as net itself passes it
  }

  readonly #onData = (bytes: Buffer): void => this.#receiver?.onBytes(bytes, 0, bytes.length);

  #nextView(): Uint8Array {
    this.#readAt = headroomBytes;
    if (this.streaming) {
      this.#own ??= takeReadBuffer();
      this.#reading = this.#own;
      if (this.#outlet) {
        this.#readAt = this.#gatheredTo;
        return this.#own.bytes.subarray(this.#readAt, endOfRoom);
      }
    } else {
      if (this.#own) giveBackReadBuffer(this.#own);
      this.#own = undefined;
      this.#outlet = undefined;
      this.#reading = shared;
    }
    return this.#reading.view;
  }
}
