/** The kind of a CopyData message. */
export const copyData = 0x64;
/** Of each message: its kind, and a length that counts itself and the content. */
export const headBytes = 5;

/** Where the wanted content of a message, which ends at `to`, begins: at `to` when there is none. */
export type ContentOf = (bytes: Buffer, from: number, to: number) => number;

/**
 * Takes the contents of CopyData messages out of a connection's bytes, and puts them together in larger pieces; all
 * other messages go to the protocol's parser.
 * @see PostgreSQL documentation, "Message Formats"
 */
export class RowBatches {
  readonly #push: (bytes: Buffer) => void;
  readonly #batchBytes: number;
  readonly #contentFrom: ContentOf;
  #batch: Buffer;
  #filled = 0;
  /** Beginning of a message whose end is still to come. */
  #rest: Buffer = Buffer.alloc(0);

  /** @param contentFrom told of each CopyData message in turn; returns from where on it is wanted. */
  constructor(push: (bytes: Buffer) => void, batchBytes: number, contentFrom: ContentOf = (_bytes, from) => from) {
    this.#push = push;
    this.#batchBytes = batchBytes;
    this.#contentFrom = contentFrom;
    this.#batch = Buffer.allocUnsafe(batchBytes);
  }

  take(received: Buffer, parse: (bytes: Buffer) => void): void {
    const bytes = this.#rest.length === 0 ? received : Buffer.concat([this.#rest, received]);
    let at = 0;
    while (bytes.length - at >= headBytes) {
      const end = at + 1 + bytes.readUInt32BE(at + 1);
      if (end > bytes.length) break;
      if (bytes[at] === copyData) this.#add(bytes, this.#contentFrom(bytes, at + headBytes, end), end);
      else parse(Buffer.from(bytes.subarray(at, end)));
      at = end;
    }
    // A copy, since the connection may use its memory again.
    this.#rest = Buffer.from(bytes.subarray(at));
  }

  /** Hands on what has come together. */
  flush(): void {
    const whole = this.#batch.subarray(0, this.#filled);
    this.#batch = Buffer.allocUnsafe(this.#batchBytes);
    this.#filled = 0;
    if (whole.length > 0) this.#push(whole);
  }

  #add(bytes: Buffer, from: number, to: number): void {
    if (this.#filled + to - from > this.#batchBytes) this.flush();
    if (to - from > this.#batchBytes) this.#push(Buffer.from(bytes.subarray(from, to)));
    else this.#filled += bytes.copy(this.#batch, this.#filled, from, to);
  }
}
