import { chmod, rename, rm } from 'node:fs/promises';
import * as net from 'node:net';

/** A bound socket that no process accepts on until a worker listens on its descriptor. */
export interface HeldSocket {
  readonly fd: number;
  /** Undefined unless it is a TCP socket that this process bound. */
  readonly address?: { readonly host: string; readonly port: number };
  /** Lets go of it; what others inherited stays open. */
  close(): void;
}

interface InternalHandle {
  readonly fd: number;
  close(): void;
  getsockname(out: { address?: string; port?: number }): number;
}
type CreateServerHandle = (address: string, port: number, family: number) => InternalHandle | number;

/** Before Node 26.4 there is no `net.BoundSocket`; what `node:cluster` itself binds with does the same. */
const bindWithoutBoundSocket = (options: { host: string; port: number } | { path: string }): HeldSocket => {
  // Not in the types, since it is internal; it is there in every Node from 22 to 26.3.
  const { _createServerHandle: create } = net as unknown as { _createServerHandle: CreateServerHandle };
  const handle =
    'path' in options
      ? create(options.path, -1, -1)
      : create(options.host, options.port, net.isIP(options.host) === 6 ? 6 : 4);
  const name: { address?: string; port?: number } = {};
  const failed = typeof handle === 'number' ? handle : 'path' in options ? 0 : handle.getsockname(name);
  if (typeof handle === 'number' || failed !== 0) {
    if (typeof handle !== 'number') handle.close();
    throw Object.assign(new Error('bind failed'), { code: errorNames.get(failed) ?? String(failed) });
  }
  const address =
    name.address === undefined || name.port === undefined ? {} : { address: { host: name.address, port: name.port } };
  return { fd: handle.fd, ...address, close: () => handle.close() };
};

/** Numbers of Linux, negative as libuv reports them. */
const errorNames: ReadonlyMap<number, string> = new Map([
  [-98, 'EADDRINUSE'],
  [-99, 'EADDRNOTAVAIL'],
  [-13, 'EACCES'],
  [-2, 'ENOENT'],
]);

/** @throws Error with the system's `code`. */
export const holdTcp = (host: string, port: number): HeldSocket => {
  if (net.BoundSocket === undefined) return bindWithoutBoundSocket({ host, port });
  const socket = new net.BoundSocket({ host, port });
  const bound = socket.address();
  return { fd: socket.fd(), address: { host: bound.address, port: bound.port }, close: () => socket.close() };
};

/**
 * Binds under another name and renames, so that a socket left behind by a killed process is replaced in one step and
 * `close` leaves the file for whoever else listens on it.
 * @throws Error with the system's `code`.
 */
export const holdUnix = async (path: string, mode: number): Promise<HeldSocket> => {
  const temporary = `${path}.${process.pid}`;
  await rm(temporary, { force: true });
  const held =
    net.BoundSocket === undefined
      ? bindWithoutBoundSocket({ path: temporary })
      : ((socket) => ({ fd: socket.fd(), close: () => socket.close() }))(
          // The types know only its TCP options.
          new net.BoundSocket({ path: temporary } as net.BoundSocketOptions),
        );
  await chmod(temporary, mode);
  await rename(temporary, path);
  return held;
};
