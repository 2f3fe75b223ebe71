import type { Server, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** Answers that are being made, so that a server can be closed after the last of them; streams don't count. */
export class InFlight {
  readonly #responses = new Set<ServerResponse>();

  enter(response: ServerResponse): void {
    this.#responses.add(response);
    response.once('close', () => this.leave(response));
  }

  leave(response: ServerResponse): void {
    this.#responses.delete(response);
  }

  /** Ends idle connections at once, then waits for answers in the making, then ends what is left. */
  async closeServer(server: Server, graceMs: number): Promise<void> {
    server.close(() => {}); // never listened, which is all it can complain of
    const ended = [...this.#responses].map((response) => new Promise((resolve) => response.once('close', resolve)));
    await Promise.race([Promise.all(ended), sleep(graceMs, undefined, { ref: false })]);
    server.closeAllConnections();
  }
}
