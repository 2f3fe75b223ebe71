import type { Clock } from './clock.ts';
import { refusalOf } from './dyno-refusal.ts';
import type { DynoTarget } from './dyno-target.ts';
import type { Exchange } from './exchange.ts';
import { type ConnectionUser, DynoConnection } from './http1/dyno-connection.ts';
import type { RequestHead } from './http1/request-head.ts';
import { requestText } from './http1/request-text.ts';
import type { BadResponse, ResponseHead } from './http1/response-head.ts';
import { sendPart, unsentBytes } from './http1/send-part.ts';
import type { RouteTable } from './route-table.ts';
import { affinityCookie } from './session-affinity.ts';
import type { Timeouts } from './timeouts.ts';
import { anotherDyno, answered, failed, type Verdict, type Worker } from './verdict.ts';
import type { BodySink } from './visitor.ts';

/** Bytes that wait for the dyno to read before the client is made to wait. */
const mostQueuedBytes = 64 * 1_024;
const safeToRepeat = new Set(['GET', 'HEAD', 'OPTIONS']);

/** What all attempts share. */
export interface Surroundings {
  readonly table: RouteTable;
  readonly timeouts: Timeouts;
  readonly clock: Clock;
}

/**
 * One request on its way to one dyno. Phases:
 * - `connecting`: until a connection to the dyno is there; nothing of the body has been sent, so another dyno may follow
 * - `sending`: the body streams to the dyno
 * - `waiting`: the dyno has the whole request and has answered nothing
 * - `answering`: its head has been passed on, its body streams to the client
 * - `delivering`: the dyno is done and free, the client still takes bytes
 * - `tunnel`: both sides agreed on another protocol
 * - `over`: the verdict is given
 */
export class Attempt implements ConnectionUser, BodySink, Worker {
  readonly #exchange: Exchange;
  readonly #head: RequestHead;
  readonly #target: DynoTarget;
  readonly #surroundings: Surroundings;
  #connectingSinceMs = 0;
  #connection: DynoConnection | undefined;
  #phase: 'connecting' | 'sending' | 'waiting' | 'answering' | 'delivering' | 'tunnel' | 'over' = 'connecting';
  /** When the phase began or its last byte passed. */
  #sinceMs: number;
  #queued = 0;
  /** The head, while it waits for company. */
  #unsent = '';
  #requestSent = false;
  #holdsTarget = true;
  #paused = false;

  constructor(exchange: Exchange, head: RequestHead, target: DynoTarget, surroundings: Surroundings) {
    this.#exchange = exchange;
    this.#head = head;
    this.#target = target;
    this.#surroundings = surroundings;
    this.#sinceMs = surroundings.clock.nextMs;
  }

  start(): void {
    const target = this.#target;
    const { retried, app } = this.#exchange;
    const kept = retried || app?.noDynoKeepAlive ? undefined : target.takeKept(this.#surroundings.clock.lastMs);
    if (kept) {
      kept.reused = true;
      this.#connection = kept;
      this.#begin(kept, 0);
      return;
    }
    this.#connectingSinceMs = performance.now();
    this.#connection = new DynoConnection(target.dyno, this);
  }

  // What the connection says

  onConnected(): void {
    if (this.#phase !== 'connecting' || !this.#connection) return;
    this.#begin(this.#connection, Math.round(performance.now() - this.#connectingSinceMs));
  }

  onRefused(code: string): void {
    if (this.#phase !== 'connecting') return;
    const refusal = refusalOf(code);
    if (refusal === 'H99') {
      this.#end(failed('H99', undefined, code));
      return;
    }
    const exchange = this.#exchange;
    exchange.refusals++;
    exchange.lastRefusal = refusal;
    this.#target.refused(performance.now(), this.#surroundings.timeouts.quarantineMs);
    this.#end(anotherDyno);
  }

  onInterim(head: ResponseHead): void {
    const { app, visitor } = this.#exchange;
    if (head.status !== 100) visitor.interim(head);
    else if (this.#head.expectsContinue && app?.endToEndContinue) visitor.sayContinue();
  }

  onHead(head: ResponseHead, bytes: Buffer, from: number, to: number, last: boolean): boolean {
    const exchange = this.#exchange;
    this.#enter('answering');
    exchange.status = head.status;
    const free = exchange.visitor.answer(head, affinityCookie(exchange), bytes, from, to, last);
    this.#passed(to - from, last);
    return free;
  }

  onPayload(bytes: Buffer, from: number, to: number, last: boolean): boolean {
    this.#sinceMs = this.#surroundings.clock.nextMs;
    const free = this.#exchange.visitor.pass(bytes, from, to, last);
    this.#passed(to - from, last);
    return free;
  }

  onSwitch(head: ResponseHead): void {
    if (this.#head.upgrade === undefined) {
      this.onBad({ kind: 'bad', code: 'H17' });
      return;
    }
    this.#enter('tunnel');
    this.#release();
    this.#target.tunnels++;
    this.#exchange.status = 101;
    if (this.#exchange.load) this.#exchange.load.requests--;
    this.#exchange.visitor.switchProtocol(head);
    this.#exchange.visitor.sendBodyTo(this);
  }

  onBad({ code, cause }: BadResponse): void {
    this.#end(failed(code, code === 'H17' ? 'backend' : undefined, cause));
  }

  onLost(heard: boolean): void {
    const exchange = this.#exchange;
    const mayRepeat =
      this.#connection?.reused === true &&
      !heard &&
      this.#head.bodyBytes === 0 &&
      !exchange.retried &&
      safeToRepeat.has(this.#head.method);
    if (this.#phase === 'tunnel') this.#end(answered);
    else if (this.#phase === 'sending' || this.#phase === 'waiting') {
      if (mayRepeat) exchange.retried = true;
      this.#end(mayRepeat ? anotherDyno : heard ? failed('H18', 'backend') : failed('H13'));
    } else if (this.#phase === 'answering') this.#end(failed('H18', 'backend'));
  }

  onDrain(): void {
    if (this.#phase === 'over') return;
    this.#sinceMs = this.#surroundings.clock.nextMs;
    this.#exchange.visitor.resumeBody();
  }

  // What the visitor says

  get isFull(): boolean {
    return (this.#connection?.socket.writableLength ?? 0) >= mostQueuedBytes;
  }

  send(bytes: Buffer, from: number, to: number, last: boolean): boolean {
    const connection = this.#connection;
    if (!connection || this.#phase === 'over') return true;
    this.#sinceMs = this.#surroundings.clock.nextMs;
    const head = this.#unsent;
    this.#unsent = '';
    if (last) {
      this.#requestSent = true;
      if (this.#phase === 'sending') this.#phase = 'waiting';
    }
    const chunked = this.#head.bodyBytes < 0 && this.#phase !== 'tunnel';
    return sendPart(connection.socket, head, bytes, from, to, chunked, last);
  }

  flush(): void {
    if (this.#unsent === '' || this.#phase === 'over') return;
    this.#connection?.socket.write(this.#unsent, 'latin1');
    this.#unsent = '';
  }

  bodyBroke(cause: string): void {
    this.#end(failed('H26', 'client', cause));
  }

  visitorDrained(): void {
    this.#sinceMs = this.#surroundings.clock.nextMs;
    if (this.#phase === 'delivering') this.#end(answered);
    else if (this.#paused) {
      this.#paused = false;
      this.#connection?.socket.resume();
    }
  }

  // What the router says

  interrupt(verdict: Verdict): void {
    this.#end(verdict);
  }

  checkTime(nowMs: number): void {
    this.#lookForProgress(nowMs);
    const silentMs = nowMs - this.#sinceMs;
    const { connectMs, firstByteMs, idleMs } = this.#surroundings.timeouts;
    switch (this.#phase) {
      case 'connecting':
        if (silentMs >= connectMs) this.onRefused('ETIMEDOUT');
        break;
      case 'sending':
        if (silentMs >= idleMs) this.#end(this.isFull ? failed('H15', 'backend') : failed('H28', 'client'));
        break;
      case 'waiting':
        if (silentMs >= firstByteMs) this.#end(failed('H12'));
        break;
      case 'answering':
        if (silentMs >= idleMs) this.#end(this.#paused ? failed('H28', 'client') : failed('H15', 'backend'));
        break;
      case 'delivering':
        if (silentMs >= idleMs) this.#end(failed('H28', 'client'));
        break;
      case 'tunnel':
        if (silentMs >= idleMs) this.#end(failed('H15'));
        break;
      case 'over':
        break;
    }
  }

  /** Bytes that wait for a slow reader show that it still reads when they become fewer. */
  #lookForProgress(nowMs: number): void {
    const toDyno = this.#phase === 'sending' || this.#phase === 'waiting';
    const queued = toDyno ? this.#unsentToDyno() : this.#exchange.visitor.progress;
    if (queued !== this.#queued && this.#phase !== 'connecting') this.#sinceMs = nowMs;
    this.#queued = queued;
  }

  #unsentToDyno(): number {
    return this.#connection ? unsentBytes(this.#connection.socket) : 0;
  }

  #enter(phase: 'sending' | 'waiting' | 'answering' | 'delivering' | 'tunnel'): void {
    this.#phase = phase;
    this.#sinceMs = this.#surroundings.clock.nextMs;
  }

  #begin(connection: DynoConnection, connectMs: number): void {
    const exchange = this.#exchange;
    const { visitor } = exchange;
    const head = this.#head;
    exchange.connectMs = connectMs;
    exchange.bytes = 0;
    if (this.#target.accepted()) this.#surroundings.table.wake();
    connection.use(this, head.method !== 'HEAD');
    const text = requestText(exchange, head);
    if (head.expectsContinue && head.bodyBytes !== 0 && !exchange.app?.endToEndContinue) visitor.sayContinue();
    if (head.bodyBytes === 0) {
      this.#phase = 'waiting';
      this.#requestSent = true;
      connection.socket.write(text, 'latin1');
      return;
    }
    this.#phase = 'sending';
    this.#unsent = text;
    visitor.sendBodyTo(this);
  }

  #passed(bytes: number, last: boolean): void {
    const exchange = this.#exchange;
    exchange.bytes = (exchange.bytes ?? 0) + bytes;
    if (this.#phase === 'over') return;
    if (last) {
      this.#leaveDyno();
      if (!exchange.visitor.isFull) this.#end(answered);
      else this.#enter('delivering');
    } else if (exchange.visitor.isFull && !this.#paused) {
      this.#paused = true;
      this.#connection?.socket.pause();
    }
  }

  /** The response is whole: the connection serves others, if it may. */
  #leaveDyno(): void {
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.leave();
    const keeps = this.#requestSent && !this.#exchange.app?.noDynoKeepAlive;
    if (keeps && connection?.mayBeKept) this.#target.keep(connection, this.#surroundings.clock.lastMs);
    else connection?.destroy();
    this.#release();
  }

  #release(): void {
    if (!this.#holdsTarget) return;
    this.#holdsTarget = false;
    this.#surroundings.table.release(this.#target);
  }

  #end(verdict: Verdict): void {
    const phase = this.#phase;
    if (phase === 'over') return;
    this.#phase = 'over';
    this.#exchange.worker = undefined;
    if (phase === 'connecting' && verdict !== anotherDyno) {
      this.#target.abandonProbe();
      this.#surroundings.table.wake();
    }
    if (phase === 'tunnel') this.#target.tunnels--;
    this.#connection?.leave();
    this.#connection?.destroy();
    this.#release();
    this.#exchange.settler?.settle(this.#exchange, verdict);
  }
}
