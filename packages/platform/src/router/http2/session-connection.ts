import { constants, performServerHandshake, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Connection, Front } from '../front.ts';
import { parseRequestHead, type Refusal } from '../http1/request-head.ts';
import { requestLines } from './request-lines.ts';
import { type StreamHost, StreamVisitor } from './stream-visitor.ts';

/** Requests that one client may have under way on one connection. */
const mostStreams = 128;
const mostHeadBytes = 64 * 1_024;
const mostFields = 1_000;
/** Streams that a client may open and reset at once, and for each second after that: more ends its connection. */
const resetBurst = 200;
const resetRate = 20;

const malformed: Refusal = { kind: 'refusal', status: 400, cause: 'bad header' };

/** One HTTP/2 connection of a client. */
export class SessionConnection implements StreamHost, Connection {
  readonly address: string;
  readonly tlsVersion: string;
  readonly serverName: string | undefined;
  /** It can always be asked to close: what is under way ends first. */
  readonly isIdle = true;
  readonly #front: Front;
  readonly #session: ServerHttp2Session;
  readonly #visitors = new Set<StreamVisitor>();
  #sinceMs = performance.now();

  constructor(front: Front, socket: TLSSocket) {
    this.#front = front;
    this.address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    this.tlsVersion = socket.getProtocol()?.toLowerCase().replace('v', '') ?? 'unknown';
    this.serverName = socket.servername ? String(socket.servername).toLowerCase() : undefined;
    socket.on('error', () => undefined);
    this.#session = performServerHandshake(socket, {
      maxHeaderListPairs: mostFields,
      streamResetBurst: resetBurst,
      streamResetRate: resetRate,
      settings: { maxConcurrentStreams: mostStreams, maxHeaderListSize: mostHeadBytes, enablePush: false },
    });
    this.#session.on('error', () => undefined);
    this.#session.on('close', () => front.forget(this));
    this.#session.on('stream', (stream: ServerHttp2Stream, _headers: unknown, flags: number, raw: string[]) =>
      this.#onStream(stream, (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0, raw),
    );
  }

  get port(): number {
    return this.#front.port;
  }

  checkTime(nowMs: number): void {
    for (const { exchange } of this.#visitors) exchange?.worker?.checkTime(nowMs);
    if (this.#visitors.size > 0) this.#sinceMs = nowMs;
    else if (nowMs - this.#sinceMs >= this.#front.timeouts.clientIdleMs) this.close();
  }

  close(): void {
    if (!this.#session.closed) this.#session.close();
  }

  destroy(): void {
    this.#session.destroy();
  }

  ended(visitor: StreamVisitor): void {
    this.#visitors.delete(visitor);
  }

  #onStream(stream: ServerHttp2Stream, ended: boolean, raw: readonly string[]): void {
    const text = requestLines(raw, ended);
    const head = text === undefined ? malformed : (parseRequestHead(text) ?? malformed);
    const visitor = new StreamVisitor(this, stream, head.kind === 'head' ? head.bodyBytes !== 0 : !ended);
    this.#visitors.add(visitor);
    if (head.kind === 'refusal') this.#front.refuse(visitor, head, text ?? '');
    else this.#front.begin(visitor, head);
  }
}
