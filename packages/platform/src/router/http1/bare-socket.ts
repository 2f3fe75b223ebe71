import { isIPv6, Socket } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { type BareHandle, bareSystem, type WriteRequest } from './bare-handle.ts';
import { ReadBuffer } from './read-buffer.ts';

/** What a socket tells, and where it reads to. */
export interface SocketUser {
  /** Memory for what is read next. */
  nextView(): Uint8Array;
  /** So many bytes have been read into the memory that `nextView` gave last. */
  onRead(count: number): void;
  onConnected?(): void;
  /** The other side will send nothing more. */
  onEnd(): void;
  /** It is closed, after a fault if there is a code; not told to whoever destroyed it. */
  onGone(code: string): void;
  /** Everything written has been taken by the system. */
  onDrain(): void;
}

const endOfStream = -4_095;
/** For the first bytes of TLS connections, until TLS itself reads; all share it, for what is read is copied at once. */
const released = Buffer.allocUnsafeSlow(16 * 1_024);

function onRead(this: BareHandle): Uint8Array | undefined {
  const { owner } = this;
  return owner instanceof BareSocket
    ? owner.read(bareSystem?.streamBaseState[bareSystem.kReadBytesOrError] ?? 0)
    : undefined;
}

/** The request of a write that was over at once was never used. */
let spare: WriteRequest | undefined;

/**
 * A TCP connection without the streams of net, which cost more than all else that a request needs. It has the methods
 * of a Socket that the router uses; what it hears it tells its one user.
 */
export class BareSocket {
  readonly #user: SocketUser;
  #handle: BareHandle | undefined;
  /** What is read goes here: the system holds its address only. */
  #view: Uint8Array | undefined;
  #writes = 0;
  #heardEnd = false;
  #saidEnd: 'no' | 'under way' | 'yes' = 'no';

  private constructor(handle: BareHandle, user: SocketUser) {
    this.#handle = handle;
    this.#user = user;
    handle.owner = this;
  }

  /** Takes a connection that the system has accepted. */
  static adopt(handle: BareHandle, user: SocketUser): BareSocket {
    const socket = new BareSocket(handle, user);
    socket.#startReading(handle);
    return socket;
  }

  /** Begins to connect to an IP address. */
  static connect(host: string, port: number, user: SocketUser): BareSocket {
    if (!bareSystem) throw new Error('this Node has no bare sockets');
    const handle = new bareSystem.TCP(bareSystem.constants.SOCKET);
    const socket = new BareSocket(handle, user);
    const request = new bareSystem.TCPConnectWrap();
    request.oncomplete = (status) => {
      if (socket.#handle !== handle) return;
      if (status < 0) {
        socket.#fail(status);
        return;
      }
      handle.setNoDelay(true);
      socket.#startReading(handle);
      user.onConnected?.();
    };
    const status = isIPv6(host) ? handle.connect6(request, host, port) : handle.connect(request, host, port);
    if (status < 0) process.nextTick(() => socket.#fail(status));
    return socket;
  }

  get destroyed(): boolean {
    return this.#handle === undefined;
  }

  /** Bytes that the system hasn't taken yet; memory that was written is free when there are none. */
  get writableLength(): number {
    return this.#writes > 0 && this.#handle ? Math.max(1, this.#handle.writeQueueSize) : 0;
  }

  get remoteAddress(): string {
    const peer: { address?: string } = {};
    this.#handle?.getpeername(peer);
    return peer.address ?? '';
  }

  write(data: string | Uint8Array, encoding: 'latin1' | 'utf8' = 'utf8'): void {
    const handle = this.#handle;
    if (!handle || !bareSystem || this.#saidEnd !== 'no') return;
    const request = spare ?? new bareSystem.WriteWrap();
    spare = undefined;
    const status =
      typeof data !== 'string'
        ? handle.writeBuffer(request, data)
        : encoding === 'latin1'
          ? handle.writeLatin1String(request, data)
          : handle.writeUtf8String(request, data);
    if (status !== 0) {
      process.nextTick(() => this.#fail(status));
      return;
    }
    if (bareSystem.streamBaseState[bareSystem.kLastWriteWasAsync] === 0) {
      spare = request;
      return;
    }
    const memory = typeof data === 'string' ? undefined : ReadBuffer.of(data);
    memory?.hold();
    if (typeof data !== 'string') request.held = data;
    request.oncomplete = (result) => {
      memory?.release();
      this.#onWritten(result);
    };
    this.#writes++;
  }

  /** For the sake of Socket's: each write goes out by itself. */
  cork(): void {}

  uncork(): void {}

  pause(): void {
    this.#handle?.readStop();
  }

  resume(): void {
    if (!this.#heardEnd) this.#handle?.readStart();
  }

  setNoDelay(): void {
    this.#handle?.setNoDelay(true);
  }

  /** Ends this side behind everything that was written. */
  end(): void {
    const handle = this.#handle;
    if (!handle || !bareSystem || this.#saidEnd !== 'no') return;
    this.#saidEnd = 'under way';
    const request = new bareSystem.ShutdownWrap();
    request.oncomplete = () => {
      this.#saidEnd = 'yes';
      this.#closeIfOver();
    };
    const status = handle.shutdown(request);
    if (status < 0) process.nextTick(() => this.#fail(status));
  }

  destroy(): void {
    const handle = this.#handle;
    this.#handle = undefined;
    handle?.close();
  }

  resetAndDestroy(): void {
    const handle = this.#handle;
    this.#handle = undefined;
    if (handle && handle.reset() !== 0) handle.close();
  }

  /** Leaves the connection to a paused Socket. */
  release(): Socket {
    const handle = this.#handle;
    this.#handle = undefined;
    if (!handle) return new Socket().destroy();
    handle.owner = undefined;
    handle.readStop();
    const options = {
      handle,
      allowHalfOpen: true,
      pauseOnCreate: true,
      onread: {
        buffer: released,
        callback: (count: number) => {
          socket.push(Buffer.from(released.subarray(0, count)));
          return true;
        },
      },
    };
    const socket: Socket = new Socket(options as unknown as ConstructorParameters<typeof Socket>[0]); // as net itself makes them
    return socket;
  }

  /** Called by the system. */
  read(count: number): Uint8Array | undefined {
    if (count > 0) {
      this.#user.onRead(count);
      if (!this.#handle) return undefined;
      const view = this.#user.nextView();
      if (view === this.#view) return undefined;
      this.#view = view;
      return view;
    }
    if (count === endOfStream) {
      this.#heardEnd = true;
      this.#user.onEnd();
      this.#closeIfOver();
    } else if (count < 0) this.#fail(count);
    return undefined;
  }

  #startReading(handle: BareHandle): void {
    this.#view = this.#user.nextView();
    handle.onread = onRead;
    handle.useUserBuffer(this.#view);
    handle.readStart();
  }

  #onWritten(status: number): void {
    this.#writes--;
    if (!this.#handle) return;
    if (status < 0) this.#fail(status);
    else if (this.#writes === 0) this.#user.onDrain();
  }

  #closeIfOver(): void {
    if (this.#handle && this.#heardEnd && this.#saidEnd === 'yes') this.#gone('');
  }

  #fail(status: number): void {
    if (this.#handle) this.#gone(getSystemErrorName(status));
  }

  #gone(code: string): void {
    this.destroy();
    this.#user.onGone(code);
  }
}
