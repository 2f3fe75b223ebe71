import { Duplex } from 'node:stream';

/**
 * How much of the client's input waits for the dyno before the client has to. Reading ahead is what tells us
 * that the client has gone while the dyno isn't reading.
 */
const inputBytes = 1024 * 1024;

/**
 * The dyno's side of a session: reads what the client types, writes what the client sees. Ending or destroying it leaves the
 * socket open, so that a last word can follow; it is destroyed when the client has gone.
 */
export class SessionStream extends Duplex {
  readonly #socket: Duplex;
  readonly #onActivity: () => void;

  constructor(socket: Duplex, onActivity: () => void) {
    super({ readableHighWaterMark: inputBytes, allowHalfOpen: true });
    this.#socket = socket;
    this.#onActivity = onActivity;
    socket.on('data', this.#take);
    socket.resume();
  }

  readonly #take = (bytes: Buffer): void => {
    // After the dyno's end nobody wants input any more.
    if (this.destroyed) return;
    this.#onActivity();
    if (!this.push(bytes)) this.#socket.pause();
  };

  override _read(): void {
    this.#socket.resume();
  }

  /** One write at a time keeps each in a TLS record of its own and passes the client's slowness on to the dyno. */
  override _write(bytes: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#onActivity();
    this.#socket.write(bytes, done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    // Input is still read, and thrown away: unread input would turn the end of the connection into a reset.
    this.#socket.resume();
    done(error);
  }
}
