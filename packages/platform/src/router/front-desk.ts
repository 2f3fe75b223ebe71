import type { Socket } from 'node:net';
import type { RouterLine } from '../domain/route-snapshot.ts';
import { Clock } from './clock.ts';
import { Exchange, type KnownHead } from './exchange.ts';
import { finish } from './finish.ts';
import type { Connection, Front } from './front.ts';
import type { BareHandle } from './http1/bare-handle.ts';
import { ClientConnection } from './http1/client-connection.ts';
import { hostName, type Refusal } from './http1/request-fields.ts';
import { hostOfRefused, type RequestHead } from './http1/request-head.ts';
import type { LoadLimits } from './limit-load.ts';
import { RefusalCount } from './refusal-count.ts';
import type { RouteTable } from './route-table.ts';
import { type Stages, stagesOf } from './stages.ts';
import type { Timeouts } from './timeouts.ts';
import { failed, type Verdict } from './verdict.ts';
import type { Visitor } from './visitor.ts';

/** So much of an answer may wait for its client while few are slow: the dyno is free early. */
const generousQueueBytes = 1_024 * 1_024;
const strictQueueBytes = 64 * 1_024;
/** Slow clients that get the generous queue: memory for all others is bounded by the strict one. */
const mostGenerous = 64;
const longestSweepMs = 500;

export interface DeskOptions {
  readonly table: RouteTable;
  readonly timeouts: Timeouts;
  readonly limits: LoadLimits;
  readonly onLine: (line: RouterLine) => void;
  readonly onFault: (fault: unknown) => void;
  readonly onRefused: (text: string) => void;
  readonly startTls: (socket: Socket, firstBytes: Buffer) => void;
}

/** What can be said of a request that was refused. */
const knownOfRefused = (text: string, host: string): KnownHead => {
  const [, method = '', path = ''] = /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]{1,127}) ([!-~]{1,2048})/.exec(text) ?? [];
  return { method, path, host, hostName: hostName(host), requestId: undefined, forwardedFor: '' };
};

/** Knows all connections and all requests under way: receives both, watches the clock, and closes. */
export class FrontDesk implements Front {
  readonly timeouts: Timeouts;
  readonly clock: Clock;
  isClosing = false;
  readonly #options: DeskOptions;
  readonly #connections = new Set<Connection>();
  /** Each knows its place in here. */
  readonly #live: Exchange[] = [];
  readonly #refusals = new RefusalCount();
  readonly #stages: Stages;
  readonly #sweeper: NodeJS.Timeout;
  #slowClients = 0;
  #onEmpty: (() => void) | undefined;

  constructor(options: DeskOptions) {
    const { table, timeouts, limits, onFault } = options;
    this.#options = options;
    this.timeouts = timeouts;
    const sweepMs = Math.max(5, Math.min(longestSweepMs, ...Object.values(timeouts).map((ms: number) => ms / 4)));
    this.clock = new Clock(sweepMs);
    this.#stages = stagesOf({
      table,
      timeouts,
      limits,
      clock: this.clock,
      finish: (exchange, verdict) => this.#finish(exchange, verdict),
      onFault,
    });
    this.#sweeper = setInterval(() => this.#sweep(), sweepMs);
    this.#sweeper.unref();
  }

  get inFlight(): number {
    return this.#live.length;
  }

  get queueLimitBytes(): number {
    return this.#slowClients > mostGenerous ? strictQueueBytes : generousQueueBytes;
  }

  /** @param port that it came to. */
  accept(source: Socket | BareHandle, port: number): void {
    this.admit(new ClientConnection(this, source, port));
  }

  admit(connection: Connection): void {
    this.#connections.add(connection);
  }

  startTls(socket: Socket, firstBytes: Buffer): void {
    this.#options.startTls(socket, firstBytes);
  }

  forget(connection: Connection): void {
    this.#connections.delete(connection);
    if (this.#connections.size === 0) this.#onEmpty?.();
  }

  begin(visitor: Visitor, head: RequestHead): void {
    const exchange = new Exchange(visitor, head, head);
    this.#enlist(exchange);
    visitor.attach(exchange);
    this.#stages.follow(exchange);
  }

  refuse(visitor: Visitor, { status, cause }: Refusal, text: string): void {
    const host = hostOfRefused(text) ?? '';
    const exchange = new Exchange(visitor, knownOfRefused(text, host), undefined);
    exchange.failureStatus = status;
    exchange.app = this.#options.table.findHost(exchange.request.hostName)?.app;
    if (!exchange.app) this.#refusals.add(cause);
    this.#enlist(exchange);
    visitor.attach(exchange);
    this.#finish(exchange, failed('H26', 'client', cause));
  }

  /** Lets requests end, then tunnels; idle connections get some time for a request that may be on its way. */
  async close(): Promise<void> {
    this.isClosing = true;
    const { graceMs, closeMs } = this.timeouts;
    const empty = new Promise<void>((resolve) => {
      this.#onEmpty = resolve;
      if (this.#connections.size === 0) resolve();
    });
    const grace = setTimeout(() => {
      for (const connection of [...this.#connections]) if (connection.isIdle) connection.close();
    }, graceMs);
    const limit = setTimeout(() => this.destroyAll(), closeMs);
    this.#endTunnelsIfLast();
    await empty;
    clearTimeout(grace);
    clearTimeout(limit);
    clearInterval(this.#sweeper);
  }

  destroyAll(): void {
    for (const exchange of [...this.#live]) exchange.worker?.interrupt(failed('H24'));
    for (const connection of [...this.#connections]) connection.destroy();
  }

  #finish(exchange: Exchange, verdict: Verdict): void {
    if (!this.#strike(exchange)) return;
    finish(exchange, verdict, this.#options.onLine);
    if (this.isClosing) this.#endTunnelsIfLast();
  }

  #enlist(exchange: Exchange): void {
    exchange.place = this.#live.push(exchange) - 1;
  }

  /** @returns whether it was under way until now. */
  #strike(exchange: Exchange): boolean {
    const { place } = exchange;
    if (place < 0) return false;
    const last = this.#live.pop();
    if (last && last !== exchange) {
      this.#live[place] = last;
      last.place = place;
    }
    exchange.place = -1;
    return true;
  }

  #endTunnelsIfLast(): void {
    if (this.#live.some((exchange) => exchange.status !== 101)) return;
    for (const exchange of [...this.#live]) exchange.worker?.interrupt({ kind: 'answered' });
  }

  #sweep(): void {
    const nowMs = this.clock.read();
    let slow = 0;
    for (const connection of this.#connections) connection.checkTime(nowMs);
    for (const exchange of this.#live) if (exchange.visitor.progress > strictQueueBytes) slow++;
    this.#slowClients = slow;
    this.#options.table.sweep(nowMs);
    const refused = this.#refusals.take(nowMs);
    if (refused !== undefined) this.#options.onRefused(refused);
  }
}
