import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

const pidIn = (path: string): number | undefined => {
  try {
    const pid = Number(readFileSync(path, 'utf8').trim());
    return Number.isInteger(pid) && pid > 0 ? pid : undefined;
  } catch {
    return undefined;
  }
};

/** A file with this process's pid; it is made anew and renamed, so that nobody reads half of it. */
export class PidFile {
  #path: string;

  /**
   * @throws Error when the file names another process that is alive, or can't be written.
   */
  constructor(path: string) {
    const other = pidIn(path);
    if (other !== undefined && other !== process.pid && isAlive(other)) {
      throw new Error(
        `expected no other master, but process ${other} of ${path} is alive; stop it or name another file`,
      );
    }
    writeFileSync(`${path}.${process.pid}`, `${process.pid}\n`);
    renameSync(`${path}.${process.pid}`, path);
    this.#path = path;
  }

  get path(): string {
    return this.#path;
  }

  /** Gives the file another name; what had that name before is replaced. */
  rename(path: string): void {
    renameSync(this.#path, path);
    this.#path = path;
  }

  /** Removes the file if it still names this process. */
  remove(): void {
    if (pidIn(this.#path) === process.pid) rmSync(this.#path, { force: true });
  }
}
