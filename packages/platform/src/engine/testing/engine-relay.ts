import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream';
import { dialEngine } from './dial-engine.ts';

/** A way to a shared engine that comes and goes, so that a test can take the engine away without stopping it. */
export class EngineRelay implements AsyncDisposable {
  readonly #folder: string;
  readonly #engineHost: string;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  private constructor(folder: string, engineHost: string) {
    this.#folder = folder;
    this.#engineHost = engineHost;
  }

  /** Closed at first. @param engineHost DOCKER_HOST of an engine with a Unix socket */
  static async make(engineHost: string): Promise<EngineRelay> {
    return new EngineRelay(await mkdtemp(join(tmpdir(), 'engine-relay-')), engineHost);
  }

  /** DOCKER_HOST of the engine by this way. */
  get host(): string {
    return `unix://${this.#socketPath}`;
  }

  async open(): Promise<void> {
    this.#server = createServer({ allowHalfOpen: true }, (client) => {
      const engine = dialEngine(this.#engineHost);
      for (const socket of [client, engine])
        this.#sockets.add(socket.once('close', () => this.#sockets.delete(socket)));
      pipeline(client, engine, () => undefined);
      pipeline(engine, client, () => undefined);
    }).listen(this.#socketPath);
    await once(this.#server, 'listening');
  }

  /** Cuts what is open: the engine is gone, for those who came by this way. */
  async close(): Promise<void> {
    const server = this.#server;
    if (server === undefined) return;
    this.#server = undefined;
    server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(server, 'close');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    await rm(this.#folder, { recursive: true, force: true });
  }

  get #socketPath(): string {
    return join(this.#folder, 'engine.sock');
  }
}
