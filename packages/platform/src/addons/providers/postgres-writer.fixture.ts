import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** A client that commits one row after the other and remembers which of them the server has acknowledged. */
export class Writer {
  readonly acknowledged: number[] = [];
  readonly #url: string;
  #stopped = false;
  readonly #ended: Promise<void>;

  constructor(url: string) {
    this.#url = url;
    this.#ended = this.#write();
  }

  async until(count: number): Promise<void> {
    while (this.acknowledged.length < count) await sleep(5);
  }

  /** Waits for so many more. */
  more(count: number): Promise<void> {
    return this.until(this.acknowledged.length + count);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#ended;
  }

  /** Which of those that were acknowledged, the first so many of them or all, aren't among these. */
  missing(found: ReadonlySet<number>, of = this.acknowledged.length): number[] {
    return this.acknowledged.slice(0, of).filter((n) => !found.has(n));
  }

  async #write(): Promise<void> {
    for (let next = 1; !this.#stopped; ) {
      const client = new pg.Client({ connectionString: this.#url, connectionTimeoutMillis: 2_000 });
      client.on('error', () => {}); // It was killed: the next connection goes on.
      try {
        await client.connect();
        await client.query('CREATE TABLE IF NOT EXISTS counter (n int)');
        // Whether the last one before a kill is there nobody was told: the next number is tried in any case.
        for (; !this.#stopped; next++) {
          await client.query(`INSERT INTO counter VALUES (${next})`);
          this.acknowledged.push(next);
        }
      } catch {
        next++;
        await sleep(10);
      }
      await client.end().catch(() => {});
    }
  }
}
