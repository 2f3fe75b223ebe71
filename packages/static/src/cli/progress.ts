import type { WriteStream } from 'node:tty';

const barWidth = 24;

/** One line on a terminal that says how far something is; elsewhere nothing is shown. */
export class Progress {
  readonly #stream: WriteStream;
  readonly #shows: boolean;
  #total = 0;
  #done = 0;

  constructor(stream: WriteStream, shows: boolean) {
    this.#stream = stream;
    this.#shows = shows && stream.isTTY;
  }

  begin(total: number): void {
    this.#total = total;
  }

  step(name: string): void {
    this.#done++;
    if (!this.#shows) return;
    const filled = Math.round((this.#done / Math.max(1, this.#total)) * barWidth);
    const bar = `[${'#'.repeat(filled)}${' '.repeat(barWidth - filled)}] ${this.#done}/${this.#total} `;
    const room = Math.max(0, (this.#stream.columns ?? 80) - bar.length - 1);
    this.#stream.write(`\r${bar}${name.slice(-room).padEnd(room)}`);
  }

  end(): void {
    if (this.#shows) this.#stream.write(`\r${' '.repeat((this.#stream.columns ?? 80) - 1)}\r`);
  }
}
