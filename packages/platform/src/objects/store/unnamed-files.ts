import { lstat, mkdir, readdir, rename, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncFolder } from '../../files/write-durably.ts';
import { placeOf } from './blob-files.ts';

const keptMs = 3 * 24 * 60 * 60 * 1000;
const nameShape = /^[0-9a-f]{32}$/;

const names = async (folder: string): Promise<string[]> => {
  const found = await readdir(folder).catch(() => []);
  return found.filter((name) => nameShape.test(name));
};

/** Folders of an account's files that hold any. */
async function* filled(data: string): AsyncGenerator<readonly string[]> {
  for (const folder of await readdir(data).catch(() => [])) {
    const found = await names(join(data, folder));
    if (found.length > 0) yield found;
  }
}

/** Whether there is any file of an object. */
export const hasFiles = async (data: string): Promise<boolean> => !(await filled(data).next()).done;

/**
 * Files that the books don't name. Most are what a killed process was writing; but where the books are older than the
 * files, as after a restore from a backup, they are somebody's objects. So they are set aside for some days.
 */
export class UnnamedFiles {
  readonly #data: string;
  readonly #aside: string;

  constructor(data: string, aside: string) {
    this.#data = data;
    this.#aside = aside;
  }

  /** What was set aside is a file of the account's again, where the books now name it. */
  async putBack(isNamed: (blob: string) => boolean, signal: AbortSignal): Promise<void> {
    for (const blob of await names(this.#aside)) {
      if (signal.aborted) return;
      if (!isNamed(blob)) continue;
      const place = placeOf(this.#data, blob);
      await mkdir(dirname(place), { recursive: true, mode: 0o700 });
      await rename(join(this.#aside, blob), place);
      await syncFolder(dirname(place));
    }
  }

  /** Takes away what nobody names. */
  async setAside(isKept: (blob: string) => boolean, signal: AbortSignal): Promise<void> {
    for await (const blobs of filled(this.#data)) {
      for (const blob of blobs) {
        if (signal.aborted) return;
        if (isKept(blob)) continue;
        await mkdir(this.#aside, { recursive: true, mode: 0o700 });
        // One that has gone meanwhile was removed by its owner.
        await rename(placeOf(this.#data, blob), join(this.#aside, blob)).catch(() => undefined);
      }
    }
  }

  /** Removes what was set aside days ago. */
  async forget(nowMs: number, signal: AbortSignal): Promise<void> {
    for (const blob of await names(this.#aside)) {
      if (signal.aborted) return;
      const path = join(this.#aside, blob);
      // Renaming is a change too; a clock that was set back keeps nothing for ever.
      const { ctimeMs } = await lstat(path);
      if (Math.abs(nowMs - ctimeMs) >= keptMs) await unlink(path);
    }
  }
}
