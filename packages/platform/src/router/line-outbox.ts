import type { RouterLine } from '../domain/route-snapshot.ts';

/** Lines kept while control is away; about 10 MB. */
const mostLines = 20_000;
const mostPerBatch = 1_000;

/**
 * Lines on their way to control. One batch at a time is under way; it is forgotten only when control has confirmed
 * it, so a control that is killed loses none. When too many gather, the oldest go.
 */
export class LineOutbox {
  readonly #limit: number;
  #lines: RouterLine[] = [];
  #underWay = 0;
  #batch = 0;
  #dropped = 0;

  constructor(limit = mostLines) {
    this.#limit = limit;
  }

  get isEmpty(): boolean {
    return this.#lines.length === 0;
  }

  add(line: RouterLine): void {
    this.#lines.push(line);
    // Drops in bulk, since taking one line from the front moves all others.
    if (this.#lines.length > this.#limit * 1.1) this.#trim();
  }

  /** The next batch, or undefined while one is under way or nothing waits. */
  take(): { readonly batch: number; readonly lines: readonly RouterLine[] } | undefined {
    if (this.#underWay > 0 || this.isEmpty) return undefined;
    this.#trim();
    const lines = this.#lines.slice(0, mostPerBatch);
    this.#underWay = lines.length;
    this.#batch++;
    return { batch: this.#batch, lines };
  }

  confirm(batch: number): void {
    if (batch !== this.#batch || this.#underWay === 0) return;
    this.#lines = this.#lines.slice(this.#underWay);
    this.#underWay = 0;
  }

  /** The connection is gone: what was under way is sent again. */
  reset(): void {
    this.#underWay = 0;
  }

  /** How many lines were dropped since the last call. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }

  #trim(): void {
    const excess = this.#lines.length - this.#limit;
    if (excess <= 0) return;
    this.#lines = this.#lines.slice(excess);
    this.#dropped += excess;
    // A batch that loses lines here is stale: its confirmation must not remove others.
    if (this.#underWay > 0) this.#underWay = Math.max(0, this.#underWay - excess);
  }
}
