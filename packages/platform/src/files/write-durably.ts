import { randomBytes } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes what was renamed in a folder survive a power cut. */
export const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

/** Makes a folder and those above it, as far as they are absent, so that their names survive a power cut. */
export const makeFolder = async (path: string, mode: number): Promise<void> => {
  const first = await mkdir(path, { recursive: true, mode });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
};

/** Writes a whole file, for our eyes only, on disk before it has its name; the name itself may still be lost by a power cut. */
export const writeWhole = (path: string, content: string | Uint8Array): Promise<void> =>
  writeAs(`${path}.new-${randomBytes(4).toString('hex')}`, path, content);

/**
 * As {@link writeWhole}, and its name is on disk as well. Writers of one file take turns; what a killed one leaves, the
 * next one uses.
 * @param uid user and group whose file it shall be
 */
export const writeDurably = async (path: string, content: string | Uint8Array, uid?: number): Promise<void> => {
  await writeAs(`${path}.new`, path, content, uid);
  await syncFolder(dirname(path));
};

const writeAs = async (fresh: string, path: string, content: string | Uint8Array, uid?: number): Promise<void> => {
  try {
    const file = await open(fresh, 'w', 0o600);
    try {
      await file.writeFile(content);
      if (uid !== undefined) await file.chown(uid, uid);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
};
