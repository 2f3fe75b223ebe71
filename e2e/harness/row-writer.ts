import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** Somebody at psql who commits one row after the other, and remembers which of them the server has acknowledged. */
export class RowWriter {
  readonly acknowledged: number[] = [];
  readonly #url: string;
  readonly #ended: Promise<void>;
  #next = 1;
  #stopped = false;

  constructor(url: string) {
    this.#url = url;
    this.#ended = this.#write();
  }

  /** Waits for so many more. */
  async more(count: number): Promise<void> {
    const least = this.acknowledged.length + count;
    while (this.acknowledged.length < least) await sleep(5);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#ended;
  }

  async #write(): Promise<void> {
    while (!this.#stopped) {
      const psql = spawn('psql', [this.#url, '-v', 'ON_ERROR_STOP=1', '-Atq'], { stdio: 'pipe' });
      psql.stdin.on('error', () => {}); // It has ended, since its server did.
      psql.stderr.resume();
      const ended = once(psql, 'exit');
      await this.#writeBy(psql);
      psql.kill('SIGKILL');
      await ended;
    }
  }

  async #writeBy(psql: ChildProcessWithoutNullStreams): Promise<void> {
    psql.stdin.write('SET client_min_messages = error; CREATE TABLE IF NOT EXISTS counter (n int);\n');
    const answers = createInterface(psql.stdout)[Symbol.asyncIterator]();
    while (!this.#stopped) {
      // Whether the last one before a kill is there nobody was told: the next number is tried in any case.
      const n = this.#next++;
      psql.stdin.write(`INSERT INTO counter VALUES (${n}) RETURNING n;\n`);
      const { value, done } = await answers.next();
      if (done || Number(value) !== n) return;
      this.acknowledged.push(n);
    }
  }
}
