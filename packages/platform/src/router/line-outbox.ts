import type { RouterLine } from '../domain/route-snapshot.ts';
import { lineText } from './line-text.ts';

const pageBytes = 256 * 1_024;
/** Pages kept while control is away: 10 MB. */
const mostPages = 40;

/** Lines, one after another, as they go to control. */
interface Page {
  bytes: Buffer;
  length: number;
  lines: number;
}

export interface LineBatch {
  readonly batch: number;
  readonly lines: number;
  /** Not to be changed, and there until the batch is confirmed. */
  readonly bytes: Uint8Array;
}

/**
 * Lines on their way to control, as bytes: strings that live on for a while would keep the garbage collector busy. One
 * page at a time is under way; it is forgotten only when control has confirmed it, so a control that is killed loses
 * no line. When too many gather, the oldest page goes.
 */
export class LineOutbox {
  readonly #pageBytes: number;
  readonly #mostPages: number;
  /** The last one is being written to. */
  #pages: Page[] = [];
  #spare: Buffer | undefined;
  #underWay: Page | undefined;
  #batch = 0;
  #dropped = 0;

  constructor(limits: { readonly pageBytes?: number; readonly pages?: number } = {}) {
    this.#pageBytes = limits.pageBytes ?? pageBytes;
    this.#mostPages = limits.pages ?? mostPages;
  }

  get isEmpty(): boolean {
    return this.#pages.length === 0;
  }

  /** @returns whether a page is full. */
  add(line: RouterLine): boolean {
    const text = lineText(line);
    let page = this.#pages.at(-1);
    const fits = page !== undefined && page !== this.#underWay && page.length + text.length <= page.bytes.length;
    if (!page || !fits) page = this.#newPage(text.length);
    page.length += page.bytes.write(text, page.length, 'latin1');
    page.lines++;
    return !fits;
  }

  /** The next batch, or undefined while one is under way or nothing waits. */
  take(): LineBatch | undefined {
    const [page] = this.#pages;
    if (this.#underWay || !page) return undefined;
    this.#underWay = page;
    this.#batch++;
    return { batch: this.#batch, lines: page.lines, bytes: page.bytes.subarray(0, page.length) };
  }

  confirm(batch: number): void {
    const page = this.#underWay;
    if (batch !== this.#batch || !page) return;
    this.#underWay = undefined;
    // It may have been dropped while it was under way.
    if (this.#pages[0] !== page) return;
    this.#pages.shift();
    if (page.bytes.length === this.#pageBytes) this.#spare = page.bytes;
  }

  /** The connection is gone: what was under way is sent again. */
  reset(): void {
    this.#underWay = undefined;
  }

  /** How many lines were dropped since the last call. */
  takeDropped(): number {
    const dropped = this.#dropped;
    this.#dropped = 0;
    return dropped;
  }

  #newPage(leastBytes: number): Page {
    const spare = leastBytes <= this.#pageBytes ? this.#spare : undefined;
    if (spare) this.#spare = undefined;
    const bytes = spare ?? Buffer.allocUnsafeSlow(Math.max(leastBytes, this.#pageBytes));
    const page = { bytes, length: 0, lines: 0 };
    this.#pages.push(page);
    if (this.#pages.length > this.#mostPages) this.#dropped += this.#pages.shift()?.lines ?? 0;
    return page;
  }
}
