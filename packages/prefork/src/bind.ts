import { lookup } from 'node:dns/promises';
import { BoundSocket, isIP } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export class PortInUse extends Error {
  readonly port: number;
  constructor(host: string, port: number, cause: unknown) {
    super(
      `expected port ${port} on ${host} to be free, but another process listens there; ` +
        `stop that process (\`ss -ltnp 'sport = :${port}'\` names it) or choose another port`,
      { cause },
    );
    this.name = 'PortInUse';
    this.port = port;
  }
}

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

const retryEveryMs = 50;

/**
 * Binds without listening, so that this process never accepts a connection itself.
 * A taken port is tried again for `waitMs`: workers of a master that was killed may still be on their way out.
 *
 * @throws PortInUse when the port is still taken after that.
 */
export const bind = async (host: string, port: number, waitMs: number): Promise<BoundSocket> => {
  const address = isIP(host) ? host : (await lookup(host)).address;
  const deadline = performance.now() + waitMs;
  for (;;) {
    try {
      const socket = new BoundSocket({ host: address, port });
      socket.address();
      return socket;
    } catch (error) {
      const code = codeOf(error);
      if (code === 'EACCES') {
        throw new Error(
          `expected to be allowed to bind port ${port} on ${host}, but the system refused; ` +
            'choose a port from 1024 up, or grant CAP_NET_BIND_SERVICE',
          { cause: error },
        );
      }
      if (code !== 'EADDRINUSE') throw error;
      if (performance.now() >= deadline) throw new PortInUse(host, port, error);
    }
    await delay(retryEveryMs);
  }
};
