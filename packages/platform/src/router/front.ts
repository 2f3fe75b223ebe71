import type { Socket } from 'node:net';
import type { Clock } from './clock.ts';
import type { Refusal, RequestHead } from './http1/request-head.ts';
import type { Timeouts } from './timeouts.ts';
import type { Visitor } from './visitor.ts';

/** A connection of any protocol, as the router sees it. */
export interface Connection {
  readonly isIdle: boolean;
  checkTime(nowMs: number): void;
  /** Ends it kindly. */
  close(): void;
  destroy(): void;
}

/** What a connection needs of the router. */
export interface Front {
  readonly timeouts: Timeouts;
  readonly clock: Clock;
  /** Whether answers shall end their connection. */
  readonly isClosing: boolean;
  /** Bytes that may wait for one more client to read them. */
  readonly queueLimitBytes: number;
  begin(visitor: Visitor, head: RequestHead): void;
  /** Answers what is no request; `text` is what came of it. */
  refuse(visitor: Visitor, refusal: Refusal, text: string): void;
  startTls(socket: Socket, firstBytes: Buffer): void;
  forget(connection: Connection): void;
}
