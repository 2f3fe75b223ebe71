import { once } from 'node:events';
import { Writable } from 'node:stream';

const tailBytes = 16 * 1024;

/** What the pusher sees, in Heroku's layout; goes on without a reader when the target is gone. */
export class BuildOutput extends Writable {
  readonly #target: Writable;
  #tail = '';

  constructor(target: Writable) {
    super({ decodeStrings: false });
    this.#target = target;
    target.on('error', () => {});
  }

  override _write(chunk: Buffer | string, _encoding: BufferEncoding, done: () => void): void {
    this.#tail = (this.#tail + chunk.toString()).slice(-tailBytes);
    if (this.#target.destroyed || this.#target.writableEnded || this.#target.write(chunk)) {
      done();
      return;
    }
    const ended = new AbortController();
    const { signal } = ended;
    void Promise.race([once(this.#target, 'drain', { signal }), once(this.#target, 'close', { signal })])
      .catch(() => {})
      .finally(() => {
        done();
        ended.abort();
      });
  }

  /** The last 16 KB. */
  get tail(): string {
    return this.#tail;
  }

  header(text: string): void {
    this.write(`-----> ${text}\n`);
  }

  line(text: string): void {
    this.write(`       ${text}\n`);
  }

  failure(text: string): void {
    this.write(
      `${text
        .split('\n')
        .map((line) => ` !     ${line}`.trimEnd())
        .join('\n')}\n`,
    );
  }
}

/** `12.3M`, as slugs are weighed on Heroku. */
export const formatSize = (bytes: number): string => {
  const kb = bytes / 1024;
  if (kb < 1000) return `${Math.ceil(kb)}K`;
  const mb = kb / 1024;
  return mb < 1000 ? `${mb.toFixed(1)}M` : `${(mb / 1024).toFixed(1)}G`;
};
