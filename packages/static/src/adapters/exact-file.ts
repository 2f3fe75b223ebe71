import { close, open, read } from 'node:fs';
import { Readable } from 'node:stream';

const chunkBytes = 128 * 1024;

/**
 * A part of a file as a stream of exactly that many bytes: a file that was cut short meanwhile is an error,
 * so that the receiver sees a broken connection and never a short answer that looks whole.
 */
export class ExactFile extends Readable {
  readonly #path: string;
  readonly #end: number;
  #position: number;
  #fd = -1;

  /** Both ends are included. */
  constructor({ path, start, end }: { readonly path: string; readonly start: number; readonly end: number }) {
    super({ highWaterMark: chunkBytes });
    this.#path = path;
    this.#position = start;
    this.#end = end;
  }

  override _construct(done: (error?: Error | null) => void): void {
    open(this.#path, 'r', (error, fd) => {
      if (error === null) this.#fd = fd;
      done(error);
    });
  }

  override _read(): void {
    const length = Math.min(chunkBytes, this.#end - this.#position + 1);
    if (length === 0) {
      this.push(null);
      return;
    }
    read(this.#fd, Buffer.allocUnsafe(length), 0, length, this.#position, (error, bytesRead, buffer) => {
      if (error !== null || bytesRead === 0) {
        this.destroy(error ?? new Error(`${this.#path} became shorter while it was sent`));
        return;
      }
      this.#position += bytesRead;
      this.push(buffer.subarray(0, bytesRead));
    });
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (this.#fd === -1) done(error);
    else close(this.#fd, (closeError) => done(error ?? closeError));
  }
}
