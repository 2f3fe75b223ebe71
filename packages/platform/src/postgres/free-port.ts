import { once } from 'node:events';
import { createServer } from 'node:net';

export interface PortRange {
  readonly from: number;
  /** Included. */
  readonly to: number;
}

/** Whether nobody listens on this port of localhost, in IPv4 and (where there is one) IPv6. */
export const isFreePort = async (port: number): Promise<boolean> => {
  for (const host of ['127.0.0.1', '::1']) {
    const server = createServer();
    try {
      server.listen({ port, host, exclusive: true });
      await once(server, 'listening');
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException; // listen() fails with system errors only.
      if (code !== 'EADDRNOTAVAIL' && code !== 'EAFNOSUPPORT') return false;
      continue;
    }
    server.close();
    await once(server, 'close');
  }
  return true;
};

/** The lowest port of the range that is free and not among `reserved`. @throws when there is none. */
export const findFreePort = async (range: PortRange, reserved: ReadonlySet<number>): Promise<number> => {
  for (let port = range.from; port <= range.to; port++) {
    if (!reserved.has(port) && (await isFreePort(port))) return port;
  }
  throw new Error(
    `All ports from ${range.from} to ${range.to} are in use, so there is none for a further database. Destroy one that is no longer needed, or widen the range with --database-ports.`,
  );
};
