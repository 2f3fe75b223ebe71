import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { DriverError } from '../../driver-error.ts';

/** Both ends belong to the range. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

export const defaultPortRange: PortRange = { from: 20_000, to: 29_999 };

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '0.0.0.0', exclusive: true }, () => server.close(() => resolve(true)));
  });

/** Hands out ports that nobody listens on; one stays taken until `release`. */
export class PortAllocator {
  readonly #range: PortRange;
  readonly #taken = new Set<number>();
  #next: number;

  constructor(range: PortRange) {
    this.#range = range;
    this.#next = randomInt(range.from, range.to + 1);
  }

  adopt(port: number): void {
    this.#taken.add(port);
  }

  release(port: number): void {
    this.#taken.delete(port);
  }

  /** @throws DriverError when every port of the range is in use. */
  async take(): Promise<number> {
    const { from, to } = this.#range;
    for (let tried = from; tried <= to; tried += 1) {
      const port = this.#next;
      this.#next = port >= to ? from : port + 1;
      if (this.#taken.has(port)) continue;
      this.#taken.add(port);
      if (await isFree(port)) return port;
      this.#taken.delete(port);
    }
    throw new DriverError(
      `Expected a free port between ${from} and ${to}, all are in use; widen the range or scale down.`,
    );
  }
}
