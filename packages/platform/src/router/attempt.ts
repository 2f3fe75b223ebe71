import { type ClientRequest, type IncomingMessage, request as startRequest } from 'node:http';
import type { Socket } from 'node:net';
import type { DynoTarget } from './dyno-target.ts';
import { anotherDyno, answered, type Exchange, failed, type Verdict } from './exchange.ts';
import { headersToClient, headersToDyno } from './headers.ts';
import type { RouteTable } from './route-table.ts';
import type { Timeouts } from './timeouts.ts';
import { openTunnel } from './tunnel.ts';

const safeToRepeat = new Set(['GET', 'HEAD', 'OPTIONS']);

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/**
 * One request on its way to one dyno. Phases:
 * - `connecting`: until a socket to the dyno is there; nothing of the body has been read, so another dyno may follow
 * - `sending`: the body streams to the dyno
 * - `waiting`: the dyno has the whole request and has answered nothing
 * - `answering`: its head has been passed on, its body streams to the client
 * - `delivering`: the dyno is done and free, the client still takes bytes
 * - `over`: the verdict is given
 */
export class Attempt {
  readonly verdict: Promise<Verdict>;
  readonly #resolve: (verdict: Verdict) => void;
  readonly #exchange: Exchange;
  readonly #target: DynoTarget;
  readonly #table: RouteTable;
  readonly #timeouts: Timeouts;
  readonly #closing: () => boolean;
  readonly #out: ClientRequest;
  readonly #startedMs = performance.now();
  #phase: 'connecting' | 'sending' | 'waiting' | 'answering' | 'delivering' | 'over' = 'connecting';
  /** When the phase began or its last byte passed. */
  #sinceMs = this.#startedMs;
  /** Any number that changes when bytes move. */
  #progress = 0;
  #bytesBefore = 0;
  #holdsTarget = true;
  #stopSending: (() => void) | undefined;

  /** @throws Error when the request's head can't be written. */
  constructor(exchange: Exchange, target: DynoTarget, table: RouteTable, timeouts: Timeouts, closing: () => boolean) {
    this.#exchange = exchange;
    this.#target = target;
    this.#table = table;
    this.#timeouts = timeouts;
    this.#closing = closing;
    const { promise, resolve } = Promise.withResolvers<Verdict>();
    this.verdict = promise;
    this.#resolve = resolve;
    this.#out = startRequest({
      host: target.dyno.host,
      port: target.dyno.port,
      method: exchange.request.method ?? 'GET',
      path: exchange.path,
      headers: headersToDyno(exchange),
      agent: exchange.retried || exchange.upgrade ? false : target.agent,
    });
    this.#out.on('socket', (socket) => this.#onSocket(socket));
    this.#out.on('response', (answer) => this.#onAnswer(answer));
    this.#out.on('upgrade', (answer, socket, head) => this.#onUpgrade(answer, socket, head));
    this.#out.on('error', (error) => this.#onError(error));
    this.#out.on('close', () => this.#onError(undefined));
    exchange.interrupt = (verdict) => this.#end(verdict);
    exchange.checkTime = (nowMs) => this.#checkTime(nowMs);
    if (!exchange.hasBody) this.#out.end();
  }

  #enter(phase: 'sending' | 'waiting' | 'answering' | 'delivering'): void {
    this.#phase = phase;
    this.#sinceMs = performance.now();
  }

  #onSocket(socket: Socket): void {
    if (this.#phase === 'over') return;
    this.#bytesBefore = socket.bytesRead;
    if (socket.connecting) socket.once('connect', () => this.#onConnected());
    else this.#onConnected();
  }

  #onConnected(): void {
    if (this.#phase !== 'connecting') return;
    this.#exchange.connectMs = Math.round(performance.now() - this.#startedMs);
    this.#exchange.bytes = 0;
    if (this.#target.accepted()) this.#table.wake();
    if (this.#exchange.hasBody) this.#send();
    else this.#enter('waiting');
  }

  #send(): void {
    const { request } = this.#exchange;
    const out = this.#out;
    const pass = (chunk: Buffer): void => {
      if (!out.write(chunk)) request.pause();
    };
    const resume = (): void => {
      request.resume();
    };
    const done = (): void => {
      out.end();
      if (this.#phase === 'sending') this.#enter('waiting');
    };
    this.#stopSending = () => {
      request.off('data', pass).off('end', done);
      out.off('drain', resume);
    };
    this.#enter('sending');
    if (request.readableLength === 0) out.flushHeaders();
    out.on('drain', resume);
    request.on('data', pass).on('end', done);
  }

  #onAnswer(answer: IncomingMessage): void {
    if (this.#phase === 'over') return;
    const exchange = this.#exchange;
    const { response } = exchange;
    this.#enter('answering');
    const close = exchange.upgrade !== undefined || this.#closing();
    try {
      response.sendDate = false;
      response.writeHead(
        answer.statusCode ?? 200,
        answer.statusMessage ?? '',
        headersToClient(answer.rawHeaders, answer.headers.connection, close),
      );
    } catch {
      this.#end(failed('H17', 'backend'));
      return;
    }
    exchange.status = answer.statusCode;
    answer.on('data', (chunk: Buffer) => {
      this.#sinceMs = performance.now();
      exchange.bytes = (exchange.bytes ?? 0) + chunk.length;
      if (!response.write(chunk)) answer.pause();
    });
    response.on('drain', () => answer.resume());
    answer.on('end', () => {
      if (this.#phase !== 'answering') return;
      // A response that lacks its end also ends; only a complete one may look complete to the client.
      if (!answer.complete) return;
      this.#release();
      this.#enter('delivering');
      response.end();
    });
    answer.on('error', () => this.#onBroken(answer));
    answer.on('close', () => this.#onBroken(answer));
    response.on('finish', () => this.#end(answered));
    // Heads of streams go out at once; of others together with the first bytes of their body.
    process.nextTick(() => {
      if (this.#phase === 'answering' && exchange.bytes === 0) response.flushHeaders();
    });
  }

  #onBroken(answer: IncomingMessage): void {
    if (this.#phase === 'answering' && !answer.complete) this.#end(failed('H18', 'backend'));
  }

  #onUpgrade(answer: IncomingMessage, socket: Socket, head: Buffer): void {
    const { upgrade } = this.#exchange;
    if (this.#phase === 'over' || !upgrade) {
      socket.destroy();
      this.#end(failed('H17', 'backend'));
      return;
    }
    this.#phase = 'over';
    this.#exchange.checkTime = undefined;
    this.#release();
    void openTunnel(this.#exchange, this.#target, answer, { socket, head }, this.#timeouts.idleMs).then(this.#resolve);
  }

  #onError(error: Error | undefined): void {
    if (this.#phase === 'connecting') this.#onRefused(codeOf(error));
    else if (this.#phase === 'sending' || this.#phase === 'waiting') this.#onLost(codeOf(error));
  }

  #onRefused(code: string): void {
    if (code === 'EMFILE' || code === 'ENFILE') {
      this.#end(failed('H99'));
      return;
    }
    const exchange = this.#exchange;
    exchange.refusals++;
    exchange.lastRefusal = code === 'ETIMEDOUT' ? 'H19' : 'H21';
    this.#target.refused(performance.now(), this.#timeouts.quarantineMs);
    this.#end(anotherDyno);
  }

  /** The dyno closed the connection before its head was complete. */
  #onLost(code: string): void {
    const exchange = this.#exchange;
    const heard = (this.#out.socket?.bytesRead ?? 0) > this.#bytesBefore;
    const mayRepeat =
      this.#out.reusedSocket &&
      !heard &&
      !exchange.hasBody &&
      !exchange.retried &&
      safeToRepeat.has(exchange.request.method ?? '');
    if (mayRepeat) {
      exchange.retried = true;
      this.#end(anotherDyno);
    } else if (code.startsWith('HPE_')) this.#end(failed('H17', 'backend'));
    else this.#end(heard ? failed('H18', 'backend') : failed('H13'));
  }

  #checkTime(nowMs: number): void {
    const { request, response } = this.#exchange;
    const moved =
      this.#phase === 'sending' ? request.socket.bytesRead : this.#phase === 'waiting' ? 0 : response.writableLength;
    if (moved !== this.#progress) {
      this.#progress = moved;
      if (this.#phase !== 'waiting' && this.#phase !== 'connecting') this.#sinceMs = nowMs;
    }
    const silentMs = nowMs - this.#sinceMs;
    const { connectMs, firstByteMs, idleMs } = this.#timeouts;
    switch (this.#phase) {
      case 'connecting':
        if (silentMs >= connectMs) this.#onRefused('ETIMEDOUT');
        break;
      case 'sending':
        if (silentMs >= idleMs) this.#end(request.isPaused() ? failed('H15', 'backend') : failed('H28', 'client'));
        break;
      case 'waiting':
        if (silentMs >= firstByteMs) this.#end(failed('H12'));
        break;
      case 'answering':
        if (silentMs >= idleMs) {
          this.#end(response.writableNeedDrain ? failed('H28', 'client') : failed('H15', 'backend'));
        }
        break;
      case 'delivering':
        if (silentMs >= idleMs) this.#end(failed('H28', 'client'));
        break;
      case 'over':
        break;
    }
  }

  #release(): void {
    if (!this.#holdsTarget) return;
    this.#holdsTarget = false;
    this.#table.release(this.#target);
  }

  #end(verdict: Verdict): void {
    if (this.#phase === 'over') return;
    const undecided = this.#phase === 'connecting' && verdict.kind !== 'another dyno';
    this.#phase = 'over';
    this.#exchange.interrupt = undefined;
    this.#exchange.checkTime = undefined;
    this.#stopSending?.();
    if (undecided) {
      this.#target.abandonProbe();
      this.#table.wake();
    }
    if (verdict.kind !== 'answered') this.#out.destroy();
    this.#release();
    this.#resolve(verdict);
  }
}
