/** What net's sockets are made of. Node does not document it, so every piece is looked for before any is relied upon. */

/** A TCP connection of the system, without a Socket around it. */
export interface BareHandle {
  onread: (this: BareHandle) => Uint8Array | undefined;
  readonly writeQueueSize: number;
  /** Whoever uses it. */
  owner?: unknown;
  readStart(): number;
  readStop(): number;
  useUserBuffer(view: Uint8Array): void;
  writeLatin1String(request: WriteRequest, text: string): number;
  writeUtf8String(request: WriteRequest, text: string): number;
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
  shutdown(request: Completion): number;
  connect(request: Completion, address: string, port: number): number;
  connect6(request: Completion, address: string, port: number): number;
  setNoDelay(on: boolean): number;
  getpeername(into: { address?: string }): number;
  reset(done?: () => void): number;
  close(done?: () => void): void;
}

export interface Completion {
  oncomplete: (status: number) => void;
}

export interface WriteRequest extends Completion {
  /** Memory that the write still reads from. */
  held?: Uint8Array;
}

interface TcpBinding {
  readonly TCP: new (type: number) => BareHandle;
  readonly TCPConnectWrap: new () => Completion;
  readonly constants: { readonly SOCKET: number };
}

interface StreamBinding {
  readonly WriteWrap: new () => WriteRequest;
  readonly ShutdownWrap: new () => Completion;
  readonly streamBaseState: Int32Array;
  readonly kReadBytesOrError: number;
  readonly kLastWriteWasAsync: number;
}

export type BareSystem = TcpBinding & StreamBinding;

const methods = [
  'readStart',
  'readStop',
  'useUserBuffer',
  'writeLatin1String',
  'writeUtf8String',
  'writeBuffer',
  'shutdown',
  'connect',
  'connect6',
  'setNoDelay',
  'getpeername',
  'reset',
  'close',
];

const find = (): BareSystem | undefined => {
  try {
    const { binding } = process as unknown as { binding?: (name: string) => unknown }; // see above
    const tcp = binding?.('tcp_wrap') as TcpBinding; // what it has is looked for below
    const stream = binding?.('stream_wrap') as StreamBinding; // as above
    const constructors = [tcp.TCP, tcp.TCPConnectWrap, stream.WriteWrap, stream.ShutdownWrap];
    const numbers = [tcp.constants.SOCKET, stream.kReadBytesOrError, stream.kLastWriteWasAsync];
    const isWhole =
      constructors.every((value) => typeof value === 'function') &&
      numbers.every((value) => Number.isInteger(value)) &&
      stream.streamBaseState instanceof Int32Array &&
      methods.every((name) => name in tcp.TCP.prototype);
    return isWhole ? { ...tcp, ...stream } : undefined;
  } catch {
    return undefined;
  }
};

/** Undefined where this Node is made otherwise: sockets of net are used then. */
export const bareSystem = find();
