import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Answer } from '../answer/answer.ts';
import type { StaticFiles } from '../static-files.ts';
import type { Renderer } from './render.ts';
import { HeadReader, type RequestHead } from './request-head.ts';

type Listener = (chunk: Buffer) => void;

/**
 * A server may have a function under this name, which is called before each answer that the server doesn't see: it
 * counts, or returns false when every request of the connection shall be seen. @ravine/prefork has one.
 */
const beforeAnswer = Symbol.for('node:http.beforeAnswer');

type ObservedServer = Server & { readonly [beforeAnswer]?: () => boolean };

/** How long a client may take nothing of an answer that is being sent, as nginx's send_timeout. */
const stalledLimitMs = 60_000;

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
  #theirTimeout: () => void = () => {};
  #isStalled = false;
  #keptAlive = false;
  #mustBeSeen = false;
  readonly #socket: Socket;
  readonly #server: ObservedServer;
  readonly #files: StaticFiles;
  readonly #renderer: Renderer;
  readonly #serve: () => void;
  readonly #heads = new HeadReader();

  constructor(socket: Socket, server: ObservedServer, files: StaticFiles, renderer: Renderer, serve: () => void) {
    this.#socket = socket;
    this.#server = server;
    this.#files = files;
    this.#renderer = renderer;
    this.#serve = serve;
    socket.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onGone).on('timeout', this.#onTimeout);
    socket.setTimeout(server.headersTimeout);
  }

  /** Whether an answer of ours is on its way. */
  get isSending(): boolean {
    return (this.#state === 'ours' || this.#state === 'shared') && this.#socket.writableLength > 0;
  }

  /** Resolves when nothing is left to send, or nobody to send it to. */
  sent(): Promise<void> {
    const socket = this.#socket;
    return new Promise((resolve) => {
      if (!this.isSending || socket.destroyed) resolve();
      else if (socket.writableEnded) socket.once('close', resolve).once('finish', resolve);
      else socket.once('close', resolve).write('', () => resolve());
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
    const head = this.#heads.read(chunk);
    const answer = head && this.#answer(head);
    if (answer !== undefined && this.#send(answer)) return;
    if (this.#state === 'ours') this.#introduce();
    this.#state = head === undefined || this.#mustBeSeen ? 'theirs' : 'busy';
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
    const chunks = this.#renderer.render(answer, stays ? timeoutMs : undefined);
    if (chunks === undefined) return false;
    if (this.#server[beforeAnswer]?.() === false) {
      this.#mustBeSeen = true;
      return false;
    }
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
    socket.off('data', this.#onData).off('end', this.#onEnd).off('error', this.#onGone).off('timeout', this.#onTimeout);
    socket.setTimeout(0);
    const before = new Set([...socket.listeners('data'), ...socket.listeners('timeout')]);
    this.#serve();
    this.#theirListener = this.#takeOver('data', before);
    this.#theirTimeout = this.#takeOver('timeout', before);
    // Registering it also makes node:http take its data from the stream, not from below it.
    socket.on('data', this.#onData).on('timeout', this.#onTimeout);
  }

  /** Removes the listeners that came since; returns what calls them. */
  #takeOver(event: 'data' | 'timeout', before: ReadonlySet<unknown>): (...args: unknown[]) => void {
    const socket = this.#socket;
    const theirs = socket.listeners(event).filter((listener) => !before.has(listener));
    for (const listener of theirs) socket.off(event, listener as Listener); // registered for this event
    return (...args) => {
      for (const listener of theirs) Reflect.apply(listener, socket, args);
    };
  }

  /** Nothing moved for as long as an idle connection is kept. One that we are sending on isn't idle: it has longer. */
  readonly #onTimeout = (): void => {
    const socket = this.#socket;
    if (this.isSending && !this.#isStalled) {
      const { timeout: usualMs = 0 } = socket;
      this.#isStalled = true;
      socket.setTimeout(stalledLimitMs);
      void this.sent().then(() => {
        this.#isStalled = false;
        if (socket.timeout === stalledLimitMs) socket.setTimeout(usualMs);
      });
    } else if (this.#state === 'ours' || this.#isStalled) socket.destroy();
    else this.#theirTimeout();
  };

  readonly #onEnd = (): void => {
    this.#socket.end();
  };

  readonly #onGone = (): void => {
    this.#socket.destroy();
  };
}
