import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Session } from 'node:http2';
import type { Server, Socket } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import { tellMaster } from '../inherited.ts';
import type { Settings } from '../settings/read-settings.ts';
import type { Observer } from './observer.ts';

const http = process.getBuiltinModule('node:http');

/** node:http keeps the response that a connection is waiting for there, from 0.1 to this day; its types don't say so. */
type Answering = Socket & { readonly _httpMessage?: ServerResponse | null };

/**
 * What answers requests without a `request` event (`accelerate` of @ravine/static) calls the function that a server has
 * under this name before each answer, and hands the request to the server when it returns false.
 */
const beforeAnswer = Symbol.for('node:http.beforeAnswer');

/** Counts the requests of a worker, shows them to observers, and knows which are in flight. */
export class Requests {
  total = 0;
  /** Of HTTP/2: they end when their streams have. */
  readonly sessions = new Set<ServerHttp2Session>();
  /** Of HTTP/2. */
  readonly #streams = new Set<ServerResponse>();
  /** Of HTTP/1, which answers one request after the other. */
  readonly #sockets = new Set<Answering>();
  readonly #limit: number;
  /** Every request must be seen by an observer. */
  readonly #isObserved: boolean;
  readonly #starts: readonly NonNullable<Observer['start']>[];
  readonly #ends: readonly NonNullable<Observer['end']>[];
  #closing = false;

  constructor(settings: Pick<Settings, 'maxRequests' | 'maxRequestsJitter'>, observers: readonly Observer[]) {
    const { maxRequests, maxRequestsJitter } = settings;
    this.#limit =
      maxRequests === 0 ? Number.POSITIVE_INFINITY : maxRequests + Math.floor(Math.random() * (maxRequestsJitter + 1));
    this.#isObserved = observers.some(({ mayMissFiles }) => mayMissFiles !== true);
    this.#starts = observers.flatMap(({ start }) => (start === undefined ? [] : [start]));
    this.#ends = observers.flatMap(({ end }) => (end === undefined ? [] : [end]));
  }

  get active(): number {
    return this.#inFlight().length;
  }

  #inFlight(): readonly ServerResponse[] {
    return [...this.#streams, ...[...this.#sockets].flatMap(({ _httpMessage: response }) => response ?? [])];
  }

  /** From now on each answer ends its connection. */
  closeConnections(): void {
    this.#closing = true;
    for (const response of this.#inFlight()) if (!response.headersSent) response.shouldKeepAlive = false;
  }

  /** Sees the requests of this server from now on, before its own listeners do. */
  attend(server: Server): void {
    const { emit } = server;
    const begin = this.#ends.length === 0 ? this.#begin.bind(this) : this.#beginTimed.bind(this);
    server.on('session', (session: ServerHttp2Session) => {
      this.sessions.add(session);
      session.once('close', () => this.sessions.delete(session));
    });
    // Looked at when somebody asks: a listener on each response would cost more than all else that is done here.
    server.on(server instanceof TlsServer ? 'secureConnection' : 'connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    // As many parameters as requests need: rest parameters would make an array for each.
    const overridden = function (
      this: Server,
      event: string,
      one?: unknown,
      two?: unknown,
      ...more: unknown[]
    ): boolean {
      // What node:http and node:http2 emit.
      if ((event === 'request' || event === 'checkContinue') && begin(one as IncomingMessage, two as ServerResponse)) {
        return true;
      }
      return more.length === 0 ? emit.call(this, event, one, two) : emit.call(this, event, one, two, ...more);
    };
    server.emit = overridden;
    Object.assign(server, { [beforeAnswer]: () => this.#countUnseen() });
  }

  #count(): void {
    this.total++;
    if (this.total === this.#limit) {
      tellMaster({ prefork: 'replace', reason: `has served ${this.total} requests` });
    }
  }

  /** Whether a request may be answered that observers don't see. */
  #countUnseen(): boolean {
    if (this.#isObserved) return false;
    this.#count();
    return true;
  }

  /** True when an observer has answered. Runs for each request: nothing is made here that can be shared. */
  #begin(request: IncomingMessage, response: ServerResponse): boolean {
    this.#count();
    if (this.#closing) response.shouldKeepAlive = false;
    if (request.httpVersionMajor > 1) this.#follow(response);
    for (const start of this.#starts) if (start(request, response)) return true;
    return false;
  }

  #follow(response: ServerResponse): void {
    this.#streams.add(response);
    response.once('close', () => this.#streams.delete(response));
  }

  #beginTimed(request: IncomingMessage, response: ServerResponse): boolean {
    const startedAtMs = performance.now();
    response.on('close', () => {
      const durationMs = performance.now() - startedAtMs;
      for (const end of this.#ends) end(request, response, durationMs);
    });
    return this.#begin(request, response);
  }
}

export const isHttpServer = (server: Server): server is HttpServer =>
  server instanceof http.Server || ('closeIdleConnections' in server && 'keepAliveTimeout' in server);
