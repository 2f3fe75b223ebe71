import { lstat, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Database } from '../store/database.ts';
import { transfers } from '../store/transfers.ts';

const keptMs = 14 * 24 * 60 * 60 * 1000;
const ending = '.dump';

const idOf = (name: string): string | undefined => (name.endsWith(ending) ? name.slice(0, -ending.length) : undefined);

/**
 * Puts the files of dumps in line with the store, before any is written: what a killed process has left half-written is
 * removed, and a whole dump that the store doesn't list is set aside for some days, in the folder `unlisted`. After the
 * store was put back from a backup, that is all there is of what came later. One that is listed again comes back.
 */
export const tidyDumps = async (db: Database, folder: string): Promise<void> => {
  const aside = join(folder, 'unlisted');
  const set = await readdir(aside).catch(() => []);
  const names = (await readdir(folder).catch(() => [])).filter((name) => name !== 'unlisted');
  if (names.length + set.length === 0) return;
  const listed = await transfers.backupIds(db);
  const isListed = (name: string): boolean => listed.has(idOf(name) ?? '');
  for (const name of set) if (isListed(name)) await rename(join(aside, name), join(folder, name));
  for (const name of names) {
    const id = idOf(name);
    if (id === undefined || (await transfers.byId(db, id))?.kind === 'copy') await rm(join(folder, name));
    else if (!isListed(name)) {
      await mkdir(aside, { recursive: true, mode: 0o700 });
      await rename(join(folder, name), join(aside, name));
    }
  }
};

/** Removes what was set aside days ago. */
export const forgetUnlisted = async (folder: string, nowMs: number): Promise<void> => {
  const aside = join(folder, 'unlisted');
  for (const name of await readdir(aside).catch(() => [])) {
    // Setting it aside was its last change; a clock that was set back keeps nothing for ever.
    const { ctimeMs } = await lstat(join(aside, name));
    if (Math.abs(nowMs - ctimeMs) >= keptMs) await rm(join(aside, name), { recursive: true });
  }
};
