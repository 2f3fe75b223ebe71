import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dialEngine } from './dial-engine.ts';

interface Tapped {
  /** Of the request's first line. */
  readonly pattern: RegExp;
  /** Done before the engine gets the request. */
  readonly act: () => Promise<void> | void;
  readonly answered: PromiseWithResolvers<void>;
}

/** A way to an engine on which a test can do something at the very moment of a request. */
export class RequestTap implements AsyncDisposable {
  readonly #folder: string;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #tapped: Tapped | undefined;

  private constructor(folder: string, engineHost: string) {
    this.#folder = folder;
    this.#server = createServer({ allowHalfOpen: true }, (client) => this.#join(client, dialEngine(engineHost)));
  }

  static async open(engineHost: string): Promise<RequestTap> {
    const tap = new RequestTap(await mkdtemp(join(tmpdir(), 'request-tap-')), engineHost);
    tap.#server.listen(tap.#socketPath);
    await once(tap.#server, 'listening');
    return tap;
  }

  /** DOCKER_HOST of the engine by this way. */
  get host(): string {
    return `unix://${this.#socketPath}`;
  }

  /**
   * Acts once, at the next request whose first line matches. The engine gets that request and answers it also where the
   * client has gone away meanwhile. @returns when it has answered
   */
  next(pattern: RegExp, act: () => Promise<void> | void): Promise<void> {
    this.#tapped = { pattern, act, answered: Promise.withResolvers<void>() };
    return this.#tapped.answered.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #join(client: Socket, engine: Socket): void {
    let waiting: Tapped | undefined;
    for (const socket of [client, engine])
      this.#sockets.add(socket.on('error', () => undefined).once('close', () => this.#sockets.delete(socket)));
    client.on('data', (bytes) => {
      const tapped = this.#tapped;
      if (tapped?.pattern.test(bytes.toString('latin1', 0, bytes.indexOf('\r\n'))) !== true) {
        engine.write(bytes);
        return;
      }
      this.#tapped = undefined;
      waiting = tapped;
      client.pause();
      void Promise.resolve(tapped.act()).then(() => {
        engine.write(bytes);
        client.resume();
      }, tapped.answered.reject);
    });
    engine.on('data', (bytes) => {
      client.write(bytes);
      waiting?.answered.resolve();
      waiting = undefined;
      if (client.destroyed) engine.destroy();
    });
    // To an engine the end of a request's connection is the end of the request.
    client.on('end', () => waiting ?? engine.end());
    client.on('close', () => waiting ?? engine.destroy());
    engine.on('end', () => client.end());
    engine.on('close', () => client.destroy());
  }

  get #socketPath(): string {
    return join(this.#folder, 'engine.sock');
  }
}
