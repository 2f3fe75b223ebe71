const readyForQuery = 0x5a;

/** Follows both directions of a connection, message by message, to tell when the server has answered in full. */
export class Exchange {
  #sent = Buffer.alloc(0);
  #received = Buffer.alloc(0);
  #started = false;
  #owed = 0;

  /** Whether the server has yet to say that it is ready for the next query. */
  get isOwedAnAnswer(): boolean {
    return this.#owed > 0;
  }

  sent(bytes: Buffer): void {
    this.#sent = Buffer.concat([this.#sent, bytes]);
    for (;;) {
      const head = this.#started ? 5 : 4; // The first message has no type.
      if (this.#sent.length < head) return;
      const length = this.#sent.readUInt32BE(head - 4) + head - 4;
      if (this.#sent.length < length) return;
      const type = this.#started ? String.fromCharCode(this.#sent[0] ?? 0) : 'start';
      if (type === 'start' || type === 'Q' || type === 'S') this.#owed++;
      this.#started = true;
      this.#sent = this.#sent.subarray(length);
    }
  }

  received(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes]);
    while (this.#received.length >= 5) {
      const length = this.#received.readUInt32BE(1) + 1;
      if (this.#received.length < length) return;
      if (this.#received[0] === readyForQuery) this.#owed--;
      this.#received = this.#received.subarray(length);
    }
  }
}
