import { connect, isIP, type Socket } from 'node:net';
import type { RoutedDyno } from '../../domain/route-snapshot.ts';
import { bareSystem } from './bare-handle.ts';
import { BareSocket, type SocketUser } from './bare-socket.ts';
import { BodyDecoder } from './body-decoder.ts';
import { limits } from './field-syntax.ts';
import { headroomBytes, ReadBuffer, takeReadBuffer } from './read-buffer.ts';
import { type BadResponse, parseResponseHead, type ResponseHead } from './response-head.ts';
import { smallBytes } from './send-part.ts';

/** How much of a response is turned into text at once, in the hope that its head is in there. */
const usualHeadBytes = 4_096;
/** How much longer than the one before it a head may be, so that this still finds it. */
const slackBytes = 1_024;
const mostInterim = 8;
/** A dyno that says when it closes is left this much earlier, so that no request meets its goodbye. */
const goodbyeMarginMs = 1_000;

/** Connections whose responses are small all read into this one: what is read has been dealt with before the next one reads. */
const shared = new ReadBuffer();

/** Who sends a request over a connection and gets what comes back. Results say whether the bytes may be used again. */
export interface ConnectionUser {
  onConnected(): void;
  /** The dyno could not be reached. */
  onRefused(code: string): void;
  onInterim(head: ResponseHead): void;
  onHead(head: ResponseHead, bytes: Buffer, from: number, to: number, last: boolean): boolean;
  onPayload(bytes: Buffer, from: number, to: number, last: boolean): boolean;
  /** The dyno speaks another protocol from here on; what it says arrives as payload. */
  onSwitch(head: ResponseHead): void;
  onBad(response: BadResponse): void;
  /** The connection ended before the response was whole. `heard` says whether anything of it had come. */
  onLost(heard: boolean): void;
  onDrain(): void;
}

/**
 * One connection to a dyno, used by one request after another.
 * - `connecting`: until the dyno accepts
 * - `idle`: nothing is expected; bytes that come anyway end it
 * - `head`, `body`: a response is expected, is under way
 * - `tunnel`: bytes of another protocol
 * - `over`: ended
 */
export class DynoConnection implements SocketUser {
  readonly socket: Socket | BareSocket;
  /** When it may no longer be given a request. */
  expiresAtMs = Number.POSITIVE_INFINITY;
  /** Whether it has carried a request before the present one. */
  reused = false;
  #place: 'connecting' | 'idle' | 'head' | 'body' | 'tunnel' | 'over' = 'connecting';
  #user: ConnectionUser | undefined;
  #buffer = shared;
  #bytesFree = true;
  /** Whether more than a little of the present response came at once. */
  #large = false;
  #text = '';
  /** The head of the last response and what it said: dynos often repeat it to the byte. */
  #lastText = '';
  #lastHead: ResponseHead | undefined;
  #parts = 0;
  #heard = false;
  #interim = 0;
  #expectsBody = true;
  #untilClose = false;
  #mayKeep = false;
  #closeSeconds: number | undefined;
  readonly #body = new BodyDecoder();

  constructor({ host, port }: RoutedDyno, user: ConnectionUser) {
    this.#user = user;
    this.socket = bareSystem && isIP(host) > 0 ? BareSocket.connect(host, port, this) : this.#connectByName(host, port);
  }

  get isUsable(): boolean {
    return this.#place === 'idle' && !this.socket.destroyed;
  }

  /** Expects the response to a request; `expectsBody` is false for HEAD. */
  use(user: ConnectionUser, expectsBody: boolean): void {
    this.#user = user;
    this.#place = 'head';
    this.#expectsBody = expectsBody;
    this.#heard = false;
    this.#interim = 0;
    this.#parts = 0;
    this.#text = '';
  }

  /** Whether a further request may follow the response that has just ended, and until when. */
  get mayBeKept(): boolean {
    return this.#place === 'idle' && this.#mayKeep;
  }

  /** How long the dyno keeps an idle connection, at most `mostMs`. */
  keepMs(mostMs: number): number {
    return this.#closeSeconds === undefined
      ? mostMs
      : Math.min(mostMs, Math.max(0, this.#closeSeconds * 1_000 - goodbyeMarginMs));
  }

  /** The user is done with it. */
  leave(): void {
    this.#user = undefined;
  }

  destroy(): void {
    if (this.#place === 'over') return;
    this.#place = 'over';
    this.#user = undefined;
    this.socket.destroy();
    // Only whoever is busy with its bytes now knows whether a write needs them.
    process.nextTick(() => this.#giveBack());
  }

  #giveBack(): void {
    if (this.#buffer !== shared) this.#buffer.leave();
    this.#buffer = shared;
  }

  // What the socket says

  nextView(): Uint8Array {
    if (!this.#large || this.#place === 'tunnel') this.#giveBack();
    else if (!this.#bytesFree || this.#buffer === shared) {
      this.#giveBack();
      this.#buffer = takeReadBuffer();
    }
    this.#bytesFree = true;
    return this.#buffer.view;
  }

  onRead(count: number): void {
    if (count > smallBytes) this.#large = true;
    if (count > smallBytes && this.#buffer === shared) {
      // A write of so much may outlast this call.
      this.#buffer = takeReadBuffer();
      this.#buffer.view.set(shared.view.subarray(0, count));
    }
    this.#onBytes(headroomBytes, headroomBytes + count);
  }

  onConnected(): void {
    if (this.#place !== 'connecting') return;
    this.#place = 'idle';
    this.#user?.onConnected();
  }

  onEnd(): void {
    if (this.#place === 'body' && this.#untilClose) {
      this.#place = 'idle';
      this.#user?.onPayload(shared.bytes, headroomBytes, headroomBytes, true);
      this.destroy();
    } else this.onGone('');
  }

  onGone(code: string): void {
    if (this.#place === 'over') return;
    const user = this.#user;
    const connecting = this.#place === 'connecting';
    this.destroy();
    if (connecting) user?.onRefused(code);
    else user?.onLost(this.#heard);
  }

  onDrain(): void {
    this.#user?.onDrain();
  }

  #connectByName(host: string, port: number): Socket {
    const callback = (count: number): boolean => {
      this.onRead(count);
      return true;
    };
    const onread = { buffer: () => this.nextView(), callback };
    const socket = connect({ host, port, allowHalfOpen: true, noDelay: true, onread });
    socket.on('connect', () => this.onConnected());
    socket.on('end', () => this.onEnd());
    socket.on('error', (error: NodeJS.ErrnoException) => this.onGone(error.code ?? ''));
    socket.on('close', () => this.onGone(''));
    socket.on('drain', () => this.onDrain());
    return socket;
  }

  #onBytes(from: number, to: number): void {
    const { bytes } = this.#buffer;
    let at = from;
    if (this.#place === 'head') {
      this.#heard = true;
      at = this.#readHeads(bytes, from, to);
      if (at === to) return;
    }
    if (this.#place === 'body') this.#readBody(bytes, at, to);
    else if (this.#place === 'tunnel') this.#bytesFree = this.#user?.onPayload(bytes, at, to, false) ?? true;
    else if (this.#place !== 'over') this.#onStray();
  }

  /** Bytes that nobody asked for: whatever they are, the next request must not take them for its answer. */
  #onStray(): void {
    const user = this.#user;
    this.destroy();
    user?.onLost(true);
  }

  /** Reads interim heads and the final one with the payload behind it. @returns where it stopped. */
  #readHeads(bytes: Buffer, from: number, to: number): number {
    let at = from;
    while (at < to && this.#place === 'head') {
      const searched = this.#text.length;
      if (searched > usualHeadBytes && searched < limits.responseHeadBytes && !bytes.subarray(at, to).includes('\n')) {
        // Looking through a long head again for each small piece of it would take longer and longer.
        this.#text += bytes.toString('latin1', at, to);
        return to;
      }
      const likely = Math.min(usualHeadBytes, this.#lastText.length + slackBytes);
      let text = this.#text + bytes.toString('latin1', at, Math.min(to, at + likely));
      let head = this.#readHead(text, searched);
      if (head === undefined && to - at > likely) {
        text = this.#text + bytes.toString('latin1', at, to);
        head = this.#readHead(text, searched);
      }
      if (head === undefined) {
        this.#text = text;
        if (searched > usualHeadBytes) this.#parts++;
        // Each part of a head that brings a line is looked through with all before it: there may not be too many.
        if (this.#parts > limits.fields) this.#onBad({ kind: 'bad', code: 'H25', cause: 'oversized header' });
        return to;
      }
      if (head.kind === 'bad') {
        this.#onBad(head);
        return to;
      }
      at += head.bytes - searched;
      this.#text = '';
      if (head.status >= 200) {
        this.#readFinal(head, bytes, at, to);
        return to;
      }
      this.#onInterim(head);
    }
    return at;
  }

  #readHead(text: string, searched: number): ResponseHead | BadResponse | undefined {
    if (this.#lastHead && text.slice(0, this.#lastText.length) === this.#lastText) return this.#lastHead;
    const head = parseResponseHead(text, searched);
    if (head?.kind !== 'head') return head;
    this.#lastText = text.slice(0, head.bytes);
    this.#lastHead = head;
    return head;
  }

  #onBad(response: BadResponse): void {
    const user = this.#user;
    this.destroy();
    user?.onBad(response);
  }

  #onInterim(head: ResponseHead): void {
    if (head.status === 101) {
      this.#place = 'tunnel';
      this.#user?.onSwitch(head);
    } else if (++this.#interim > mostInterim) this.#onBad({ kind: 'bad', code: 'H17' });
    else this.#user?.onInterim(head);
  }

  #readFinal(head: ResponseHead, bytes: Buffer, from: number, to: number): void {
    const { status, chunked, lengthBytes } = head;
    const hasNoBody = !this.#expectsBody || status === 204 || status === 304;
    this.#mayKeep = head.keepAlive && !(status === 204 && (chunked || (lengthBytes ?? 0) > 0));
    this.#closeSeconds = head.keepAliveSeconds;
    this.#untilClose = false;
    if (hasNoBody) this.#body.startLength(0);
    else if (chunked) this.#body.startChunked();
    else if (lengthBytes !== undefined) this.#body.startLength(lengthBytes);
    else {
      this.#body.startUntilClose();
      this.#untilClose = true;
      this.#mayKeep = false;
    }
    this.#place = 'body';
    this.#readBody(bytes, from, to, head);
  }

  #readBody(bytes: Buffer, from: number, to: number, head?: ResponseHead): void {
    const body = this.#body;
    const state = body.decode(bytes, from, to);
    const user = this.#user;
    if (state === 'bad') {
      this.destroy();
      if (head) user?.onBad({ kind: 'bad', code: 'H17' });
      else user?.onLost(true);
      return;
    }
    const last = state === 'done';
    if (last) {
      this.#place = 'idle';
      // Memory that was used last is in the processor's caches: none is kept for the next response.
      this.#large = false;
      if (body.end < to) this.#mayKeep = false;
    }
    if (head) this.#bytesFree = user?.onHead(head, bytes, body.from, body.to, last) ?? true;
    else if (last || body.to > body.from) this.#bytesFree = user?.onPayload(bytes, body.from, body.to, last) ?? true;
  }
}
