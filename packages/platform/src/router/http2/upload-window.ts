/** What the body of a request may send ahead of its dyno at first: as much as one over HTTP/1.1 has waiting. */
export const firstUploadBytes = 128 * 1_024;
/** What it may once the dyno has shown that it is fast: a megabyte in a tenth of a second from 50 ms away. */
const mostUploadBytes = 512 * 1_024;
const fastMs = 1_000;
/** What windows of all clients of a process may be wider than at first. */
const mostLentBytes = 64 * 1_024 * 1_024;

/** Bounds the memory of many at once. */
export class WindowBudget {
  #leftBytes: number;

  constructor(bytes: number) {
    this.#leftBytes = bytes;
  }

  /** @returns whether there were so many left. */
  lend(bytes: number): boolean {
    if (bytes > this.#leftBytes) return false;
    this.#leftBytes -= bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#leftBytes += bytes;
  }
}

const ofProcess = new WindowBudget(mostLentBytes);

/**
 * What a client may send of one body before it hears that some of it was taken (RFC 9113 section 5.2). It is doubled
 * each time a dyno takes a whole window's worth within a second; one that takes nothing makes the router hold no more
 * than the first window.
 */
export class UploadWindow {
  readonly #budget: WindowBudget;
  #size = firstUploadBytes;
  #left = firstUploadBytes;
  /** Taken, and the client does not know of it yet. */
  #credit = 0;
  #taken = 0;
  #sinceMs: number;

  constructor(nowMs: number, budget: WindowBudget = ofProcess) {
    this.#sinceMs = nowMs;
    this.#budget = budget;
  }

  /** @returns whether the client was allowed to send so much. */
  came(bytes: number): boolean {
    this.#left -= bytes;
    return this.#left >= 0;
  }

  /** @returns by how much the client may be told that its window has grown, when that is worth a frame. */
  taken(bytes: number, nowMs: number): number {
    this.#credit += bytes;
    this.#taken += bytes;
    if (this.#credit < this.#size / 4) return 0;
    const more = this.#credit + this.#grow(nowMs);
    this.#credit = 0;
    this.#left += more;
    return more;
  }

  end(): void {
    this.#budget.giveBack(this.#size - firstUploadBytes);
    this.#size = firstUploadBytes;
  }

  #grow(nowMs: number): number {
    if (this.#taken < this.#size) return 0;
    const more = this.#size;
    const mayGrow = nowMs - this.#sinceMs < fastMs && more < mostUploadBytes && this.#budget.lend(more);
    this.#taken = 0;
    this.#sinceMs = nowMs;
    if (!mayGrow) return 0;
    this.#size += more;
    return more;
  }
}
