import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Answer } from '../answer/answer.ts';
import type { StaticFiles } from '../static-files.ts';
import type { Renderer } from './render.ts';
import { type RequestHead, readRequestHead } from './request-head.ts';

type Listener = (chunk: Buffer) => void;

/**
 * One connection, between requests in one of these states:
 * - `ours`: the server has not seen it. Entered at the start; left at the first request that isn't for a file.
 * - `shared`: the server knows it and is at the boundary between two requests. Entered when it has answered a plain one.
 * - `busy`: the server is answering a plain request. Entered from `ours` and `shared`.
 * - `theirs`: it had a request that only the server understands, and stays with it.
 */
export class StaticConnection {
  #state: 'ours' | 'shared' | 'busy' | 'theirs' = 'ours';
  #theirListener: Listener = () => {};
  #keptAlive = false;
  readonly #socket: Socket;
  readonly #server: Server;
  readonly #files: StaticFiles;
  readonly #renderer: Renderer;
  readonly #serve: () => void;

  constructor(socket: Socket, server: Server, files: StaticFiles, renderer: Renderer, serve: () => void) {
    this.#socket = socket;
    this.#server = server;
    this.#files = files;
    this.#renderer = renderer;
    this.#serve = serve;
    socket.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onGone).on('timeout', this.#onGone);
    socket.setTimeout(server.headersTimeout);
  }

  /** Whether an answer of ours is on its way. */
  get isSending(): boolean {
    return (this.#state === 'ours' || this.#state === 'shared') && this.#socket.writableLength > 0;
  }

  /** Resolves when nothing is left to send, or nobody to send it to. */
  sent(): Promise<void> {
    return new Promise((resolve) => {
      if (!this.isSending || this.#socket.destroyed) resolve();
      else this.#socket.once('close', resolve).write('', () => resolve());
    });
  }

  closeIfOurs(): void {
    if (this.#state === 'ours') this.#socket.destroy();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** The server has sent an answer on this connection. */
  answeredByServer(): void {
    if (this.#state === 'busy') this.#state = 'shared';
  }

  readonly #onData = (chunk: Buffer): void => {
    if (this.#state === 'busy') this.#state = 'theirs'; // Pipelined: where the next request begins, the server knows.
    if (this.#state === 'theirs') {
      this.#theirListener(chunk);
      return;
    }
    const head = readRequestHead(chunk);
    const answer = head && this.#answer(head);
    if (answer !== undefined && this.#send(answer)) return;
    if (this.#state === 'ours') this.#introduce();
    this.#state = head === undefined ? 'theirs' : 'busy';
    this.#theirListener(chunk);
  };

  #answer(head: RequestHead): Answer | undefined {
    try {
      return this.#files.answer(head.target, head);
    } catch {
      return undefined; // The handler behind will meet the same fault, and knows how to report it.
    }
  }

  #send(answer: Answer): boolean {
    const stays = this.#server.listening;
    const timeoutMs = this.#server.keepAliveTimeout;
    const tail = stays
      ? `connection: keep-alive\r\n${timeoutMs > 0 ? `keep-alive: timeout=${Math.floor(timeoutMs / 1_000)}\r\n` : ''}`
      : 'connection: close\r\n';
    const chunks = this.#renderer.render(answer, tail);
    if (chunks === undefined) return false;
    const [first, second] = chunks;
    const socket = this.#socket;
    if (second !== undefined) socket.cork();
    let flows = socket.write(first ?? '');
    if (second !== undefined) {
      flows = socket.write(second);
      socket.uncork();
    }
    if (!stays) {
      socket.end();
      return true;
    }
    if (!this.#keptAlive) {
      this.#keptAlive = true;
      // A second more than said, so that the client closes first.
      socket.setTimeout(timeoutMs > 0 ? timeoutMs + 1_000 : 0);
    }
    if (!flows) {
      socket.pause();
      socket.once('drain', () => socket.resume());
    }
    return true;
  }

  /** Makes the server know the connection. It reads through us, so that requests for files can still be answered here. */
  #introduce(): void {
    const socket = this.#socket;
    socket.off('data', this.#onData).off('end', this.#onEnd).off('error', this.#onGone).off('timeout', this.#onGone);
    socket.setTimeout(0);
    const before = new Set(socket.listeners('data'));
    this.#serve();
    const theirs = socket.listeners('data').filter((listener) => !before.has(listener));
    for (const listener of theirs) socket.off('data', listener as Listener); // registered for this event
    this.#theirListener = (chunk) => {
      for (const listener of theirs) Reflect.apply(listener, socket, [chunk]);
    };
    // Registering it also makes node:http take its data from the stream, not from below it.
    socket.on('data', this.#onData);
  }

  readonly #onEnd = (): void => {
    this.#socket.end();
  };

  readonly #onGone = (): void => {
    this.#socket.destroy();
  };
}
