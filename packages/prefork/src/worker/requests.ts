import { Server as HttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { ServerHttp2Session } from 'node:http2';
import type { Server } from 'node:net';
import { tellMaster } from '../inherited.ts';
import type { Settings } from '../settings/read-settings.ts';
import type { Observer } from './observer.ts';

/** Counts the requests of a worker, shows them to observers, and knows which are in flight. */
export class Requests {
  total = 0;
  /** Of HTTP/2: they end when their streams have. */
  readonly sessions = new Set<ServerHttp2Session>();
  readonly #active = new Set<ServerResponse>();
  readonly #limit: number;
  readonly #starts: readonly NonNullable<Observer['start']>[];
  readonly #ends: readonly NonNullable<Observer['end']>[];
  /** A listener of responses, hence its `this`. */
  readonly #forget: (this: ServerResponse) => void;
  #closing = false;

  constructor(settings: Pick<Settings, 'maxRequests' | 'maxRequestsJitter'>, observers: readonly Observer[]) {
    const { maxRequests, maxRequestsJitter } = settings;
    const active = this.#active;
    this.#forget = function (this: ServerResponse): void {
      active.delete(this);
    };
    this.#limit =
      maxRequests === 0 ? Number.POSITIVE_INFINITY : maxRequests + Math.floor(Math.random() * (maxRequestsJitter + 1));
    this.#starts = observers.flatMap(({ start }) => (start === undefined ? [] : [start]));
    this.#ends = observers.flatMap(({ end }) => (end === undefined ? [] : [end]));
  }

  get active(): number {
    return this.#active.size;
  }

  /** From now on each answer ends its connection. */
  closeConnections(): void {
    this.#closing = true;
    for (const response of this.#active) if (!response.headersSent) response.shouldKeepAlive = false;
  }

  /** Sees the requests of this server from now on, before its own listeners do. */
  attend(server: Server): void {
    const { emit } = server;
    const begin = this.#ends.length === 0 ? this.#begin.bind(this) : this.#beginTimed.bind(this);
    server.on('session', (session: ServerHttp2Session) => {
      this.sessions.add(session);
      session.once('close', () => this.sessions.delete(session));
    });
    server.emit = function (this: Server, ...args: Parameters<Server['emit']>): boolean {
      const [event, request, response] = args as readonly unknown[]; // what node:http and node:http2 emit
      if (event === 'request' || event === 'checkContinue') {
        if (begin(request as IncomingMessage, response as ServerResponse)) return true;
      }
      return emit.apply(this, args);
    };
  }

  /** True when an observer has answered. Runs for each request: nothing is made here that can be shared. */
  #begin(request: IncomingMessage, response: ServerResponse): boolean {
    this.total++;
    if (this.total === this.#limit) {
      tellMaster({ prefork: 'replace', reason: `has served ${this.total} requests` });
    }
    if (this.#closing) response.shouldKeepAlive = false;
    this.#active.add(response);
    response.on('close', this.#forget);
    for (const start of this.#starts) if (start(request, response)) return true;
    return false;
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
  server instanceof HttpServer || ('closeIdleConnections' in server && 'keepAliveTimeout' in server);
