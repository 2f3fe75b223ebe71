import type { RoutedApp } from '../domain/route-snapshot.ts';
import type { DynoTarget } from './dyno-target.ts';
import type { RequestHead } from './http1/request-head.ts';
import { newRequestId } from './request-id.ts';
import type { AppLoad, AppRoute } from './route-table.ts';
import { failed, type Verdict, type Worker } from './verdict.ts';
import type { Asked, Visitor } from './visitor.ts';

/** What the router knows of a request: all of its head, or what could be read of one that was refused. */
export type KnownHead = Pick<RequestHead, 'method' | 'path' | 'host' | 'hostName' | 'requestId' | 'forwardedFor'>;

/** Who takes exchanges on with what became of them. */
export interface Settler {
  settle(exchange: Exchange, verdict: Verdict): void;
}

const usableId = /^[A-Za-z0-9+/=-]{20,200}$/;

/** One request and what has become of it so far. */
export class Exchange implements Asked {
  readonly visitor: Visitor;
  readonly request: KnownHead;
  /** Undefined when the request was refused. */
  readonly head: RequestHead | undefined;
  readonly startedAtMs = Date.now();
  readonly requestId: string;
  readonly forwardedFor: string;
  app: RoutedApp | undefined;
  /** As it was when the app was found. */
  route: AppRoute | undefined;
  target: DynoTarget | undefined;
  worker: Worker | undefined;
  /** Takes it on with the verdict that follows `underWay`. */
  settler: Settler | undefined;
  /** Its place among those that are under way. */
  place = -1;
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
  /** Where it is counted. */
  load: AppLoad | undefined;
  clientGone = false;
  #gone: AbortController | undefined;

  constructor(visitor: Visitor, request: KnownHead, head: RequestHead | undefined) {
    this.visitor = visitor;
    this.request = request;
    this.head = head;
    const { requestId, forwardedFor } = request;
    this.requestId = requestId !== undefined && usableId.test(requestId) ? requestId : newRequestId();
    this.forwardedFor = forwardedFor ? `${forwardedFor}, ${visitor.address}` : visitor.address;
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
    this.worker?.interrupt(failed('H27', 'client'));
  }
}
