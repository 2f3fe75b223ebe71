import { createServer, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { close, listen, routedDyno } from './router.fixture.ts';
import { type Message, readMessage } from './vector-message.fixture.ts';

/** Sent to see whether a connection is alive and in step; not part of what the dyno is said to have seen. */
export const probePath = '/-probe';

/** Pieces longer than one byte are runs and travel in segments of this size at least, and this many at most. */
const leastSegmentBytes = 61;
const mostSegments = 300;

/** Writes bytes so that each piece reaches the other side by itself. */
export const writeBytewise = async (socket: Socket, pieces: readonly string[]): Promise<void> => {
  socket.setNoDelay();
  for (const piece of pieces) {
    const step = Math.max(leastSegmentBytes, Math.ceil(piece.length / mostSegments));
    for (let at = 0; at < piece.length; at += step) {
      if (!socket.writable) return;
      socket.write(piece.slice(at, at + step), 'latin1');
      await nextTurn();
    }
  }
};

export interface DynoConnection {
  readonly socket: Socket;
  /** Whether the router has ended it, or the dyno has. */
  open: boolean;
  /** Bytes not yet read as a message. */
  rest: string;
}

export interface SeenRequest {
  readonly message: Message;
  /** As it came. */
  readonly bytes: string;
  readonly connection: DynoConnection;
}

/** What the dyno does with a whole request. */
export type Reply = (request: SeenRequest) => void;

const okReply: Reply = ({ message, connection }) => {
  const body = message.startLine.includes(` ${probePath} `) ? 'probe' : 'ok';
  const head = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`;
  connection.socket.write(message.startLine.startsWith('HEAD ') ? head : head + body);
};

/** A dyno that reads strictly, keeps what it saw, and answers 200 or with the bytes it is told to. */
export class VectorDyno {
  readonly seen: SeenRequest[] = [];
  readonly connections = new Set<DynoConnection>();
  readonly #server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
  #reply = okReply;
  port = 0;

  static async start(): Promise<VectorDyno> {
    const dyno = new VectorDyno();
    dyno.port = await listen(dyno.#server);
    return dyno;
  }

  get routed() {
    return routedDyno(this.port);
  }

  /** Requests but probes are answered by `reply`; by a 200 without it. Forgets what was seen. */
  reset(reply: Reply = okReply): void {
    this.seen.length = 0;
    this.#reply = reply;
  }

  /** The requests that reached it, with those whose connection ended before they were whole. */
  requests(): Message[] {
    return this.seen.map(({ message }) => message).filter(({ startLine }) => !startLine.includes(` ${probePath} `));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { socket } of this.connections) socket.destroy();
    await close(this.#server);
  }

  #accept(socket: Socket): void {
    const connection: DynoConnection = { socket, open: true, rest: '' };
    this.connections.add(connection);
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      connection.rest += text;
      this.#read(connection, false);
    });
    const ended = (): void => {
      if (connection.open) this.#read(connection, true);
      connection.open = false;
      socket.end();
    };
    socket.on('end', ended).on('close', () => {
      ended();
      this.connections.delete(connection);
    });
    socket.on('error', () => undefined);
  }

  #read(connection: DynoConnection, ended: boolean): void {
    for (;;) {
      const message = readMessage(connection.rest, 'request', { ended });
      if (!message) return;
      const bytes = connection.rest.slice(0, message.length);
      connection.rest = connection.rest.slice(message.length);
      const request = { message, bytes, connection };
      this.seen.push(request);
      if (!message.complete || ended) continue;
      (message.startLine.includes(` ${probePath} `) ? okReply : this.#reply)(request);
    }
  }
}
