import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { DynoId } from '../domain/ids.ts';
import { hashToken } from '../secrets/token.ts';
import { RendezvousClient } from './rendezvous-client.ts';
import { type SessionClient, write } from './session-client.ts';
import { SessionStream } from './session-stream.ts';
import type { SessionTerminal } from './session-terminal.ts';

/** An attached one-off dyno that waits for its client; holds no secret, so it can be made again from the store after a restart. */
export interface RunTicket {
  readonly dynoId: DynoId;
  /** SHA-256 of the secret in the attach URL, as `hashToken` makes it. */
  readonly secretHash: Uint8Array;
  readonly terminal: SessionTerminal | undefined;
  /** From `parseExitStatusRequest`. */
  readonly wantsStatus: boolean;
  /** When the dyno was asked for, Unix time in milliseconds. */
  readonly createdAtMs: number;
}

export interface RunSessionsOptions {
  /**
   * Runs the ticket's dyno on a stream of raw bytes and resolves with its exit status; without a terminal a final 0x04 is the
   * end of input. The dyno has to end when the signal aborts: client gone, idle for too long, cancelled. Called once for each
   * ticket that was claimed, with a signal that may have aborted before.
   */
  readonly run: (ticket: RunTicket, stream: Duplex, signal: AbortSignal) => Promise<number>;
  /** Told when no client came in time (R13): the dyno is to be dropped. */
  readonly onUnclaimed: (ticket: RunTicket) => void;
  /** Told when `run` rejected or the connection failed in an unexpected way. */
  readonly onError: (ticket: RunTicket, error: unknown) => void;
  readonly attachTimeoutMs?: number;
  /** Neither side said anything for so long; Dev Center "One-Off Dynos". */
  readonly idleTimeoutMs?: number;
  /** How long a client may take to close after the last word. */
  readonly lingerMs?: number;
}

const maxSecretChars = 200;

/** Joins clients that dial in with a one-time secret to their attached one-off dynos. */
export class RunSessions implements AsyncDisposable {
  readonly #options: Required<RunSessionsOptions>;
  readonly #waiting = new Map<string, { readonly ticket: RunTicket; readonly timer: NodeJS.Timeout }>();
  readonly #running = new Map<DynoId, { readonly stop: AbortController; readonly done: Promise<void> }>();

  constructor(options: RunSessionsOptions) {
    this.#options = { attachTimeoutMs: 5 * 60_000, idleTimeoutMs: 60 * 60_000, lingerMs: 2000, ...options };
  }

  /** Lets a client attach, until the time since the ticket was made runs out. */
  open(ticket: RunTicket): void {
    const key = keyOf(ticket.secretHash);
    clearTimeout(this.#waiting.get(key)?.timer);
    const leftMs = Math.max(0, ticket.createdAtMs + this.#options.attachTimeoutMs - Date.now());
    const timer = setTimeout(() => {
      this.#waiting.delete(key);
      this.#options.onUnclaimed(ticket);
    }, leftMs).unref();
    this.#waiting.set(key, { ticket, timer });
  }

  /**
   * Takes a connection whose first line isn't HTTP. The socket comes without listeners, and what the client sent behind the line has
   * been put back with `unshift`. A secret that is unknown, used or expired closes it at once.
   */
  accept(socket: Socket, firstLine: string): void {
    if (!this.attach(new RendezvousClient(socket), firstLine.trim())) socket.destroy();
  }

  /** Joins a client to the dyno that waits for this secret; says whether one does. A secret is good for one client. */
  attach(client: SessionClient, secret: string): boolean {
    const key = keyOf(hashToken(secret.slice(0, maxSecretChars)));
    const found = this.#waiting.get(key);
    if (found === undefined || this.#running.has(found.ticket.dynoId)) return false;
    clearTimeout(found.timer);
    this.#waiting.delete(key);
    const stop = new AbortController();
    const { ticket } = found;
    const done = this.#serve(ticket, client, stop)
      .catch((error: unknown) => this.#options.onError(ticket, error))
      .finally(() => this.#running.delete(ticket.dynoId));
    this.#running.set(ticket.dynoId, { stop, done });
    return true;
  }

  /** Ends a dyno's session, running or not yet attached (`heroku ps:stop`); says whether there was one. */
  cancel(dynoId: DynoId): boolean {
    for (const [key, { ticket, timer }] of this.#waiting) {
      if (ticket.dynoId !== dynoId) continue;
      clearTimeout(timer);
      return this.#waiting.delete(key);
    }
    const running = this.#running.get(dynoId);
    running?.stop.abort();
    return running !== undefined;
  }

  /** Ends all sessions and waits until their dynos have ended; those not yet attached are left for the next start. */
  async close(): Promise<void> {
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
    const running = [...this.#running.values()];
    for (const { stop } of running) stop.abort();
    await Promise.all(running.map(({ done }) => done));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #serve(ticket: RunTicket, client: SessionClient, stop: AbortController): Promise<void> {
    const idle = setTimeout(() => stop.abort(), this.#options.idleTimeoutMs).unref();
    const { connection } = client;
    const stream = new SessionStream(connection, () => idle.refresh());
    const leave = (): void => stop.abort();
    const drop = (): void => void stream.destroy();
    stream.on('error', leave);
    // The official client says goodbye on Ctrl-C by ending its side, and waits for ours.
    for (const event of ['end', 'close'] as const) connection.once(event, leave);
    stop.signal.addEventListener('abort', drop);
    try {
      await client.greet();
      const exitCode = await this.#run(ticket, client, stream, stop.signal);
      await ended(stream);
      await client.tellExit(exitCode, ticket.wantsStatus);
    } finally {
      clearTimeout(idle);
      stop.signal.removeEventListener('abort', drop);
      await hangUp(connection, stream, this.#options.lingerMs);
    }
  }

  async #run(ticket: RunTicket, client: SessionClient, stream: SessionStream, signal: AbortSignal): Promise<number> {
    const terminal = ticket.terminal && { ...ticket.terminal, ...client.resizes };
    try {
      return await this.#options.run({ ...ticket, terminal }, stream, signal);
    } catch (error) {
      this.#options.onError(ticket, error);
      await ended(stream);
      await write(client.connection, " !    The dyno could not be run. The app's log says why.\r\n");
      return 1;
    }
  }
}

const keyOf = (secretHash: Uint8Array): string => Buffer.from(secretHash).toString('base64');

/** Resolves when all that the dyno wrote has gone to the socket, or the stream has been dropped. */
const ended = (stream: SessionStream): Promise<void> =>
  new Promise((resolve) => {
    if (stream.writableFinished || stream.destroyed) return resolve();
    stream.once('finish', resolve).once('close', resolve);
    if (!stream.writableEnded) stream.end();
  });

/** Says goodbye and goes on reading until the client has closed: to close over unread input would reset the connection, and its last output be lost. */
const hangUp = async (socket: Duplex, stream: SessionStream, lingerMs: number): Promise<void> => {
  stream.destroy();
  if (socket.destroyed) return;
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const patience = setTimeout(() => socket.destroy(), lingerMs);
  socket.end();
  socket.resume();
  await closed;
  clearTimeout(patience);
};
