import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
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

/** Writes a whole file, for our eyes only, on disk before it has its name; the name itself may still be lost by a power cut. */
export const writeWhole = async (path: string, content: string | Uint8Array): Promise<void> => {
  const fresh = `${path}.new-${randomBytes(4).toString('hex')}`;
  try {
    const file = await open(fresh, 'wx', 0o600);
    try {
      await file.writeFile(content);
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

/** As {@link writeWhole}, and its name is on disk as well. */
export const writeDurably = async (path: string, content: string | Uint8Array): Promise<void> => {
  await writeWhole(path, content);
  await syncFolder(dirname(path));
};
