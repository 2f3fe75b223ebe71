import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

const maxBytes = 32 * 1024 * 1024;

const isAbsent = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ELOOP');

/**
 * Reads a small text file at the top of a source tree; undefined when there is none.
 * Symbolic links count as none: the tree is the user's, and this process may read more than the user may.
 */
export const readSourceFile = async (folder: string, name: string): Promise<string | undefined> => {
  try {
    await using file = await open(join(folder, name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const { size } = await file.stat();
    if (!(await file.stat()).isFile() || size > maxBytes) return undefined;
    return await file.readFile('utf8');
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
};
