import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { Connection, type Unfinished } from './connection.ts';
import { limits } from './limits.data.ts';
import type { Tenants } from './tenant.ts';

const inspectEveryMs = 2_000;

/** Serves memcached's protocols on the given addresses, for those tenants that there are at any time. */
export class MemcachedServer implements AsyncDisposable {
  readonly #tenants: Tenants;
  readonly #servers: Server[] = [];
  readonly #connections = new Set<Connection>();
  readonly #unfinished: Unfinished = { bytes: 0 };
  readonly #timer: NodeJS.Timeout;

  constructor(tenants: Tenants) {
    this.#tenants = tenants;
    this.#timer = setInterval(() => this.inspect(), inspectEveryMs).unref();
  }

  /** @param port 0: any free one. @returns the port. @throws when it can't listen there. */
  async listen(host: string, port: number): Promise<number> {
    const server = createServer((socket) => {
      if (this.#connections.size >= limits.connections) return socket.destroy();
      const connection = new Connection(socket, this.#tenants, this.#unfinished);
      this.#connections.add(connection);
      return socket.once('close', () => this.#connections.delete(connection));
    });
    server.listen({ host, port, backlog: 1024 });
    await once(server, 'listening');
    this.#servers.push(server);
    const address = server.address();
    return typeof address === 'object' && address !== null ? address.port : port;
  }

  /** Cuts those that hang and those whose credential is gone; done by itself, and at once after a change of tenants. */
  inspect(now = performance.now()): void {
    for (const connection of this.#connections) connection.inspect(now);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    for (const connection of this.#connections) connection.destroy();
    await Promise.all(
      this.#servers.map(async (server) => {
        server.close();
        if (server.listening) await once(server, 'close');
      }),
    );
  }
}
