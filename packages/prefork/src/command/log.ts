import { appendFileSync, closeSync, openSync } from 'node:fs';
import { type Level, levels } from '../settings/kinds.ts';

const timeOf = (date: Date): string => `${date.toISOString().slice(0, 19).replace('T', ' ')} +0000`;

/** The master's own lines. */
export class Log {
  #path: string;
  #least: Level;
  #fd: number;

  /**
   * @param path a file, or `-` for standard error.
   * @throws Error when the file can't be opened.
   */
  constructor(path: string, least: Level) {
    this.#path = path;
    this.#least = least;
    this.#fd = this.#open();
  }

  write(level: Level, text: string): void {
    if (levels.indexOf(level) < levels.indexOf(this.#least)) return;
    try {
      appendFileSync(this.#fd, `[${timeOf(new Date())}] [${process.pid}] [${level.toUpperCase()}] ${text}\n`);
    } catch {
      // A terminal that went away, or a full disk, must not stop the server.
    }
  }

  /** Opens the file again under its name, after something has renamed it, or another file. */
  reopen(path = this.#path, least = this.#least): void {
    const before = this.#fd;
    this.#path = path;
    this.#least = least;
    this.#fd = this.#open();
    if (before !== 2) closeSync(before);
  }

  #open(): number {
    return this.#path === '-' ? 2 : openSync(this.#path, 'a', 0o640);
  }
}
