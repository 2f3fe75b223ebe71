import { randomUUID } from 'node:crypto';
import type { RoutedApp } from '../domain/route-snapshot.ts';
import type { DynoTarget } from './dyno-target.ts';
import type { RequestHead } from './http1/request-head.ts';
import type { AppLoad } from './route-table.ts';
import type { RouterCodeName } from './router-codes.data.ts';
import type { Visitor } from './visitor.ts';

/**
 * What a stage says: go on; try another dyno; `settle` will tell later; the answer has been passed on; or why there
 * is none. `nowhere` is a host that no app has: it has a page but no log, and so has `challenge`, the answer to a
 * certificate authority's question.
 */
export type Verdict =
  | { readonly kind: 'next' }
  | { readonly kind: 'another dyno' }
  | { readonly kind: 'under way' }
  | { readonly kind: 'answered' }
  | { readonly kind: 'nowhere' }
  | { readonly kind: 'challenge'; readonly text: string }
  | {
      readonly kind: 'failed';
      readonly code: RouterCodeName;
      readonly side?: 'client' | 'backend';
      readonly cause?: string;
    };

export const next: Verdict = { kind: 'next' };
export const anotherDyno: Verdict = { kind: 'another dyno' };
export const underWay: Verdict = { kind: 'under way' };
export const answered: Verdict = { kind: 'answered' };
export const nowhere: Verdict = { kind: 'nowhere' };
export const failed = (code: RouterCodeName, side?: 'client' | 'backend', cause?: string): Verdict => ({
  kind: 'failed',
  code,
  ...(side ? { side } : {}),
  ...(cause ? { cause } : {}),
});

/** What works on an exchange at the moment and can be told of events from elsewhere. */
export interface Worker {
  /** Ends with this verdict. */
  interrupt(verdict: Verdict): void;
  /** Looks whether it has been silent for too long. */
  checkTime(nowMs: number): void;
  /** The visitor can take more. */
  visitorDrained(): void;
}

/** What the router knows of a request: all of its head, or what could be read of one that was refused. */
export type KnownHead = Pick<RequestHead, 'method' | 'path' | 'host' | 'requestId' | 'forwardedFor'>;

const usableId = /^[A-Za-z0-9+/=-]{20,200}$/;

/** One request and what has become of it so far. */
export class Exchange {
  readonly visitor: Visitor;
  readonly request: KnownHead;
  /** Undefined when the request was refused. */
  readonly head: RequestHead | undefined;
  readonly startedAtMs = Date.now();
  readonly requestId: string;
  readonly forwardedFor: string;
  app: RoutedApp | undefined;
  target: DynoTarget | undefined;
  worker: Worker | undefined;
  /** Gets the verdict that follows `underWay`. */
  settle: (verdict: Verdict) => void = () => undefined;
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
    this.requestId = requestId !== undefined && usableId.test(requestId) ? requestId : randomUUID();
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
