const startBytes = 4096;
const flushBytes = 64 * 1024;
/** Longer text goes to the socket as it is: a buffer of that size costs more than what is written into it. */
const largeBytes = 16 * 1024;

/** Bytes on their way to a client, joined into few writes. */
export class Output {
  readonly #write: (bytes: Buffer | string) => void;
  #buffer = Buffer.allocUnsafeSlow(startBytes);
  #length = 0;

  constructor(write: (bytes: Buffer | string) => void) {
    this.#write = write;
  }

  get waiting(): number {
    return this.#length;
  }

  /** Text of one byte a character. */
  text(text: string): void {
    if (text.length >= largeBytes) {
      this.flush();
      this.#write(text);
      return;
    }
    const end = this.#length + text.length;
    if (end > this.#buffer.length) this.#grow(end);
    this.#buffer.write(text, this.#length, 'latin1');
    this.#length = end;
    if (end >= flushBytes) this.flush();
  }

  bytes(bytes: Uint8Array): void {
    const end = this.#length + bytes.length;
    if (end > this.#buffer.length) this.#grow(end);
    this.#buffer.set(bytes, this.#length);
    this.#length = end;
  }

  flush(): void {
    if (this.#length === 0) return;
    const bytes = this.#buffer.subarray(0, this.#length);
    if (this.#length >= flushBytes) {
      this.#buffer = Buffer.allocUnsafeSlow(startBytes);
      this.#length = 0;
      this.#write(bytes);
      return;
    }
    this.#length = 0;
    this.#write(Buffer.from(bytes));
  }

  #grow(least: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.max(least, Math.min(this.#buffer.length * 2, flushBytes * 2)));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}
