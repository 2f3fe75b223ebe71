import { Socket } from 'node:net';
import { giveBackReadBuffer, headroomBytes, ReadBuffer, takeReadBuffer } from './read-buffer.ts';
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

/**
 * A client's socket. While a head is expected it reads into memory that all share, so that an idle connection costs
 * little; while `streaming` a TCP connection reads into memory of its own.
 */
export class ClientSocket {
  readonly socket: Socket;
  streaming = false;
  #own: ReadBuffer | undefined;
  #reading = shared;
  #paused = false;
  #receiver: Receiver | undefined;
  readonly #onData = (bytes: Buffer): void => this.#receiver?.onBytes(bytes, 0, bytes.length);

  constructor(source: Socket | AcceptedHandle, receiver: Receiver) {
    this.#receiver = receiver;
    this.socket = source instanceof Socket ? source : this.#adopt(source);
    if (source instanceof Socket) source.on('data', this.#onData);
    this.socket.on('end', () => this.#receiver?.onEnd());
    this.socket.on('error', () => this.#receiver?.onGone());
    this.socket.on('close', () => this.#receiver?.onGone());
    this.socket.on('drain', () => this.#receiver?.onDrain());
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

  /**
   * Hands payload to `send`, which says whether it may be used again; moves it out of shared memory first when the
   * write might outlast this call.
   */
  handOver(
    bytes: Buffer,
    from: number,
    to: number,
    send: { send(bytes: Buffer, from: number, to: number, last: boolean): boolean },
    last: boolean,
  ): void {
    if (bytes === shared.bytes && to - from > smallBytes) {
      this.#own ??= takeReadBuffer();
      const own = this.#own.bytes;
      own.set(bytes.subarray(from, to), headroomBytes);
      if (!send.send(own, headroomBytes, headroomBytes + to - from, last)) this.#own = undefined;
    } else if (!send.send(bytes, from, to, last) && bytes === this.#own?.bytes) this.#own = undefined;
  }

  #adopt(handle: AcceptedHandle): Socket {
    const options = {
      handle,
      allowHalfOpen: true,
      onread: {
        buffer: () => this.#nextView(),
        callback: (count: number) => {
          this.#receiver?.onBytes(this.#reading.bytes, headroomBytes, headroomBytes + count);
          return true;
        },
      },
    };
    return new Socket(options as unknown as ConstructorParameters<typeof Socket>[0]); // `handle` as net itself passes it
  }

  #nextView(): Uint8Array {
    if (this.streaming) {
      this.#own ??= takeReadBuffer();
      this.#reading = this.#own;
    } else {
      if (this.#own) giveBackReadBuffer(this.#own);
      this.#own = undefined;
      this.#reading = shared;
    }
    return this.#reading.view;
  }
}
