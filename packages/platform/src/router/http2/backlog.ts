const leastBytes = 4 * 1_024;

/** Bytes that wait for whoever takes them: in one piece, however small the parts are that they come in. */
export class Backlog {
  /** Holds them from `from` to `to`. */
  bytes: Buffer = Buffer.alloc(0);
  from = 0;
  to = 0;

  get length(): number {
    return this.to - this.from;
  }

  add(bytes: Buffer, from: number, to: number): void {
    if (this.to + to - from > this.bytes.length) this.#makeRoom(to - from);
    this.to += bytes.copy(this.bytes, this.to, from, to);
  }

  #makeRoom(more: number): void {
    const { bytes, from, to } = this;
    this.bytes = Buffer.allocUnsafeSlow(Math.max(leastBytes, 2 * this.length, this.length + more));
    this.from = 0;
    this.to = bytes.copy(this.bytes, 0, from, to);
  }
}
