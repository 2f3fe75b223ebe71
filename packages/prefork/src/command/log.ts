import { appendFileSync, closeSync } from 'node:fs';
import { openLog } from '../open-log.ts';
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
    this.#fd = open(path);
  }

  write(level: Level, text: string): void {
    if (levels.indexOf(level) < levels.indexOf(this.#least)) return;
    try {
      appendFileSync(this.#fd, `[${timeOf(new Date())}] [${process.pid}] [${level.toUpperCase()}] ${text}\n`);
    } catch {
      // A terminal that went away, or a full disk, must not stop the server.
    }
  }

  /**
   * Opens the file again under its name, after something has renamed it.
   * @throws Error when that fails; lines then go on to the file that was open.
   */
  reopen(): void {
    this.change(this.#path, this.#least).commit();
  }

  /**
   * Opens another file; lines go there from `commit` on.
   * @throws Error when it can't be opened.
   */
  change(path: string, least: Level): { commit(): void; undo(): void } {
    const opened = open(path);
    return {
      commit: () => {
        shut(this.#fd);
        this.#path = path;
        this.#least = least;
        this.#fd = opened;
      },
      undo: () => shut(opened),
    };
  }
}

const standardError = 2;

const open = (path: string): number => (path === '-' ? standardError : openLog(path));

const shut = (fd: number): void => {
  if (fd !== standardError) closeSync(fd);
};
