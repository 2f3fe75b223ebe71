import { Duplex } from 'node:stream';
import { closeCodes, closePayload, type Frame, FrameError, FrameReader, frameOf, opcodes } from './frames.ts';

const maxPayloadBytes = 1024 * 1024;
const maxTextBytes = 16 * 1024;

/** How long the other side may take to close after we said goodbye. */
const lingerMs = 2_000;

/**
 * The server's side of a WebSocket (RFC 6455) whose binary messages are a stream of bytes both ways, where one message ends
 * and the next begins means nothing, and whose text messages go beside it. It ends for the reader when the client closes,
 * and is destroyed when the connection is gone.
 */
export class WebSocketStream extends Duplex {
  readonly #socket: Duplex;
  readonly #onText: (text: string) => void;
  readonly #frames = new FrameReader(maxPayloadBytes);
  /** Parts of a text message that is under way; undefined while the message is binary. */
  #text: Buffer[] | undefined;
  /** A message has begun and not ended. */
  #inMessage = false;
  #saidGoodbye = false;
  /** Nothing that comes from now on counts. */
  #theyAreGone = false;

  /** @param head what came behind the request */
  constructor(socket: Duplex, head: Buffer, onText: (text: string) => void) {
    super();
    this.#socket = socket;
    this.#onText = onText;
    socket.on('error', () => {});
    socket.on('close', () => this.destroy());
    socket.on('end', () => this.#theyLeft());
    if (head.length > 0) socket.unshift(head);
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
  }

  /** Sends a message beside the bytes, in its order among them; resolves when the connection has taken it or is gone. */
  sendText(text: string): Promise<void> {
    return this.#send(opcodes.text, Buffer.from(text));
  }

  /** Closes with a code of RFC 6455 section 7.4 and a reason of at most 123 bytes. */
  close(code: number, reason: string): void {
    this.#goodbye(code, reason);
    this.end();
  }

  override _read(): void {
    this.#socket.resume();
  }

  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    void this.#send(opcodes.binary, bytes).then(() => done());
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#goodbye(closeCodes.normal, '');
    setTimeout(() => this.#socket.destroy(), lingerMs).unref();
    this.#socket.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#socket.destroy();
    done(error);
  }

  #read(bytes: Buffer): void {
    try {
      for (const frame of this.#frames.push(bytes)) this.#take(frame);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#goodbye(error.closeCode, error.message);
      this.#theyLeft();
    }
  }

  #take({ opcode, last, payload }: Frame): void {
    if (this.#theyAreGone || opcode === opcodes.pong) return;
    if (opcode === opcodes.close) {
      this.#goodbye(closeCodes.normal, '');
      this.#theyLeft();
      return;
    }
    if (opcode === opcodes.ping) {
      // Who asks faster than it hears is answered now and then (section 5.5.3).
      if (!this.#socket.writableNeedDrain) void this.#send(opcodes.pong, payload);
      return;
    }
    if ((opcode === opcodes.continuation) !== this.#inMessage)
      throw new FrameError(
        closeCodes.protocol,
        'A message begins before another has ended, or goes on without having begun.',
      );
    if (opcode === opcodes.text) this.#text = [];
    this.#inMessage = !last;
    if (this.#text === undefined) {
      if (payload.length > 0 && !this.push(payload)) this.#socket.pause();
      return;
    }
    this.#text.push(payload);
    const whole = Buffer.concat(this.#text);
    if (whole.length > maxTextBytes)
      throw new FrameError(closeCodes.tooBig, `A text message may have ${maxTextBytes} bytes.`);
    if (!last) return;
    this.#text = undefined;
    this.#onText(textOf(whole));
  }

  #theyLeft(): void {
    if (this.#theyAreGone) return;
    this.#theyAreGone = true;
    if (!this.destroyed) this.push(null);
    this.end();
  }

  #goodbye(code: number, reason: string): void {
    if (this.#saidGoodbye) return;
    this.#saidGoodbye = true;
    if (this.#socket.writable) this.#socket.write(frameOf(opcodes.close, closePayload(code, reason)));
  }

  #send(opcode: number, payload: Buffer): Promise<void> {
    return new Promise((resolve) => {
      if (this.#saidGoodbye || !this.#socket.writable) resolve();
      else this.#socket.write(frameOf(opcode, payload), () => resolve());
    });
  }
}

const textOf = (bytes: Buffer): string => {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new FrameError(closeCodes.notText, 'A text message is UTF-8.');
  }
};
