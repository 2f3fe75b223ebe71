import { close, write } from 'node:fs';
import { openLog } from '../open-log.ts';
import { compileFormat } from './access-format.ts';
import { countBytes } from './count-bytes.ts';
import type { Observer } from './observer.ts';

const flushEveryMs = 100;
const flushAtBytes = 64 * 1024;
const standardOutput = 1;

/** Appends lines to a file, many in one write; lines of several workers don't mix within a write. */
class LineFile {
  readonly #path: string;
  #fd: number;
  #waiting = '';
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
    this.#fd = this.#open();
  }

  add(line: string): void {
    this.#waiting += `${line}\n`;
    if (this.#waiting.length >= flushAtBytes) void this.flush();
    else this.#timer ??= setTimeout(() => void this.flush(), flushEveryMs);
  }

  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#waiting;
    this.#waiting = '';
    if (text !== '') {
      const fd = this.#fd;
      // A full disk must not stop the server: what can't be written is lost.
      this.#writing = this.#writing.then(() => new Promise((resolve) => write(fd, text, () => resolve())));
    }
    return this.#writing;
  }

  /** @throws Error when the file can't be opened; lines then go on to the one that was open. */
  reopen(): void {
    if (this.#path === '-') return;
    const before = this.#fd;
    const opened = this.#open();
    void this.flush().then(() => close(before));
    this.#fd = opened;
  }

  #open(): number {
    return this.#path === '-' ? standardOutput : openLog(this.#path);
  }
}

/** Writes one line for each request. */
export const accessLogObserver = (path: string, format: string): Observer => {
  const file = new LineFile(path);
  const lineOf = compileFormat(format);
  return {
    start: (_request, response) => {
      countBytes(response);
      return false;
    },
    end: (request, response, durationMs) => file.add(lineOf({ request, response, durationMs, at: new Date() })),
    reopen: () => file.reopen(),
    close: () => file.flush(),
  };
};
