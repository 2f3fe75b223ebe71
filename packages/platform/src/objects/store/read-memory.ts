/** Read at a time: what a transfer holds in memory, whatever the object's size. */
export const readBytes = 256 * 1024;
/** Of one account. */
const mostFree = 8;

/** Memory for reads, used again once what was read is sent: fresh pages cost more than the reading. */
export class ReadMemory {
  readonly #free: Buffer[] = [];

  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(readBytes);
  }

  give(memory: Buffer): void {
    if (this.#free.length < mostFree) this.#free.push(memory);
  }
}
