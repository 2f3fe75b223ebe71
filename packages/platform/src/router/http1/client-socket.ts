import { Socket } from 'node:net';
import type { BareHandle } from './bare-handle.ts';
import { BareSocket, type SocketUser } from './bare-socket.ts';
import { endOfRoom, headroomBytes, ReadBuffer, takeReadBuffer } from './read-buffer.ts';
import { readInto } from './read-into.ts';
import { smallBytes } from './send-part.ts';

export interface Receiver {
  /** The bytes are only there until this returns. */
  onBytes(bytes: Buffer, from: number, to: number): void;
  onEnd(): void;
  onGone(): void;
  onDrain(): void;
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
export class ClientSocket implements SocketUser {
  readonly socket: Socket | BareSocket;
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

  constructor(source: Socket | BareHandle, receiver: Receiver) {
    this.#receiver = receiver;
    this.#secure = source instanceof Socket && 'encrypted' in source;
    this.socket = source instanceof Socket ? this.#listenTo(source) : BareSocket.adopt(source, this);
  }

  /** Whether a part of a body waits for more of it. */
  get gathers(): boolean {
    return this.#outlet !== undefined;
  }

  /** Leaves the socket, paused, to somebody else. */
  release(): Socket {
    this.#receiver = undefined;
    const { socket } = this;
    return socket instanceof Socket ? socket.off('data', this.#onData).pause() : socket.release();
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
      if (this.#own && !outlet.send(this.#own.bytes, first, to, last)) this.#leaveOwn();
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
    if (outlet.send(this.#own.bytes, this.#gatheredFrom, this.#gatheredTo, false)) return;
    // The socket may still read into what is behind it.
    this.#own.lose();
    this.#own = undefined;
  }

  #leaveOwn(): void {
    this.#own?.leave();
    this.#own = undefined;
  }

  onRead(count: number): void {
    this.#receiver?.onBytes(this.#reading.bytes, this.#readAt, this.#readAt + count);
  }

  onEnd(): void {
    this.#receiver?.onEnd();
  }

  onGone(): void {
    this.#receiver?.onGone();
  }

  onDrain(): void {
    this.#receiver?.onDrain();
  }

  #listenTo(socket: Socket): Socket {
    const onread = {
      buffer: () => this.nextView(),
      callback: (count: number) => {
        this.onRead(count);
        return true;
      },
    };
    if (!(this.#secure && readInto(socket, onread))) socket.on('data', this.#onData);
    socket.on('end', () => this.onEnd());
    socket.on('error', () => this.onGone());
    socket.on('close', () => this.onGone());
    socket.on('drain', () => this.onDrain());
    return socket;
  }

  readonly #onData = (bytes: Buffer): void => this.#receiver?.onBytes(bytes, 0, bytes.length);

  nextView(): Uint8Array {
    this.#readAt = headroomBytes;
    if (this.streaming) {
      this.#own ??= takeReadBuffer();
      this.#reading = this.#own;
      if (this.#outlet) {
        this.#readAt = this.#gatheredTo;
        return this.#own.bytes.subarray(this.#readAt, endOfRoom);
      }
    } else {
      this.#leaveOwn();
      this.#outlet = undefined;
      this.#reading = shared;
    }
    return this.#reading.view;
  }
}
