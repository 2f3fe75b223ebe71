import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** A name beside `path` for a folder that becomes `path` by a rename once it is whole. */
export const unfinishedName = (path: string): string => `${path}.new-${randomBytes(4).toString('hex')}`;

/** Removes what an interrupted attempt to make `path` has left. */
export const removeUnfinished = async (path: string): Promise<void> => {
  for (const name of await readdir(dirname(path))) {
    if (!name.startsWith(`${basename(path)}.new-`)) continue;
    await rm(join(dirname(path), name), { recursive: true, force: true, maxRetries: 3 });
  }
};
