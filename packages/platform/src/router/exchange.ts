import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { RoutedApp } from '../domain/route-snapshot.ts';
import type { DynoTarget } from './dyno-target.ts';
import type { RouterCodeName } from './router-codes.data.ts';

/**
 * What a stage says: go on; try another dyno; the answer is under way or has ended; or why there is none.
 * `nowhere` is a host that no app has: it has a page but no log.
 */
export type Verdict =
  | { readonly kind: 'next' }
  | { readonly kind: 'another dyno' }
  | { readonly kind: 'answered' }
  | { readonly kind: 'nowhere' }
  | {
      readonly kind: 'failed';
      readonly code: RouterCodeName;
      readonly side?: 'client' | 'backend';
      readonly cause?: string;
    };

export const next: Verdict = { kind: 'next' };
export const anotherDyno: Verdict = { kind: 'another dyno' };
export const answered: Verdict = { kind: 'answered' };
export const nowhere: Verdict = { kind: 'nowhere' };
export const failed = (code: RouterCodeName, side?: 'client' | 'backend', cause?: string): Verdict => ({
  kind: 'failed',
  code,
  ...(side ? { side } : {}),
  ...(cause ? { cause } : {}),
});

const usableId = /^[A-Za-z0-9+/=-]{20,200}$/;

const clientAddress = (socket: Socket): string => (socket.remoteAddress ?? '').replace(/^::ffff:/, '');

/** One request and what has become of it so far. */
export class Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The client's socket and the bytes after the head, when it asked for another protocol. */
  readonly upgrade: { readonly socket: Socket; readonly head: Buffer } | undefined;
  readonly startedAtMs = Date.now();
  readonly requestId: string;
  readonly forwardedFor: string;
  readonly secure: boolean;
  /** As the client wrote it, for the log and the dyno. */
  readonly host: string;
  app: RoutedApp | undefined;
  target: DynoTarget | undefined;
  /** Set by the attempt under way; ends it with a verdict. */
  interrupt: ((verdict: Verdict) => void) | undefined;
  /** Asks the attempt under way whether it has been silent for too long. */
  checkTime: ((nowMs: number) => void) | undefined;
  connectMs: number | undefined;
  serviceMs: number | undefined;
  /** What the client was told by a dyno. */
  status: number | undefined;
  /** In place of the usual status of its router code. */
  failureStatus: number | undefined;
  bytes: number | undefined;
  /** Dynos that refused this request. */
  refusals = 0;
  lastRefusal: 'H19' | 'H21' = 'H21';
  /** Whether a kept connection has already died under it. */
  retried = false;
  clientGone = false;
  #gone: AbortController | undefined;

  constructor(request: IncomingMessage, response: ServerResponse, upgrade?: { socket: Socket; head: Buffer }) {
    this.request = request;
    this.response = response;
    this.upgrade = upgrade;
    this.host = request.headers.host ?? '';
    this.secure = 'encrypted' in request.socket;
    const id = request.headers['x-request-id'];
    this.requestId = typeof id === 'string' && usableId.test(id) ? id : randomUUID();
    const before = request.headers['x-forwarded-for'];
    const address = clientAddress(request.socket);
    this.forwardedFor = before ? `${before}, ${address}` : address;
  }

  /** Path and query; a target in absolute form is cut to these (RFC 9112 section 3.2.2). */
  get path(): string {
    const target = this.request.url ?? '/';
    if (target.startsWith('/')) return target;
    const rest = /^https?:\/\/[^/?#]*(.*)$/i.exec(target)?.[1];
    if (rest === undefined) return target;
    return rest.startsWith('/') ? rest : `/${rest}`;
  }

  get hasBody(): boolean {
    const { headers } = this.request;
    return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
  }

  /** Aborted when the client has gone; made only for those who wait. */
  get gone(): AbortSignal {
    this.#gone ??= new AbortController();
    if (this.clientGone) this.#gone.abort();
    return this.#gone.signal;
  }

  clientLeft(): void {
    this.clientGone = true;
    this.#gone?.abort();
    this.interrupt?.(failed('H27', 'client'));
  }
}
