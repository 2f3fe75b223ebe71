import { lookup } from 'node:dns/promises';
import { connect, isIP } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { type HeldSocket, holdTcp, holdUnix } from './held-socket.ts';

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
export const bind = async (host: string, port: number, waitMs: number): Promise<HeldSocket> => {
  const address = isIP(host) ? host : await addressOf(host);
  const deadline = performance.now() + waitMs;
  for (;;) {
    try {
      return holdTcp(address, port);
    } catch (error) {
      const code = codeOf(error);
      if (code === 'EACCES') {
        throw new Error(
          `expected to be allowed to bind port ${port} on ${host}, but the system refused; ` +
            'choose a port from 1024 up, or grant CAP_NET_BIND_SERVICE',
          { cause: error },
        );
      }
      if (code === 'EADDRNOTAVAIL') {
        throw new Error(
          `expected ${host} to be an address of this machine, but it is none (\`ip address\` lists them)`,
          { cause: error },
        );
      }
      if (code !== 'EADDRINUSE') throw error;
      if (performance.now() >= deadline) throw new PortInUse(host, port, error);
    }
    await delay(retryEveryMs);
  }
};

const addressOf = async (host: string): Promise<string> => {
  try {
    return (await lookup(host)).address;
  } catch (error) {
    throw new Error(`expected "${host}" to be an IP address or a name that resolves, but it does not`, {
      cause: error,
    });
  }
};

const answers = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(path, () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

/**
 * Binds a unix socket that a killed process may have left behind.
 * @param mode permission bits of the file.
 * @param takeOver takes the name from a running process, too.
 * @throws Error when a running process accepts on it for longer than `waitMs`, or the folder can't be written.
 */
export const bindUnix = async (path: string, mode: number, waitMs: number, takeOver = false): Promise<HeldSocket> => {
  const deadline = performance.now() + waitMs;
  while (!takeOver && (await answers(path))) {
    if (performance.now() >= deadline) {
      throw new Error(`expected no process to listen on ${path}, but one does; stop it or choose another path`);
    }
    await delay(retryEveryMs);
  }
  try {
    return await holdUnix(path, mode);
  } catch (error) {
    throw new Error(`expected to be able to make the socket ${path}, but got ${String(codeOf(error) ?? error)}`, {
      cause: error,
    });
  }
};
