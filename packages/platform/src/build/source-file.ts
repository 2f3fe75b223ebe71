import { constants } from 'node:fs';
import { open, realpath } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';

const maxBytes = 32 * 1024 * 1024;

const isAbsent = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR', 'ELOOP'].includes(String(error.code));

/**
 * Whether a path of a source tree leads to a place outside it, by a symbolic link to a folder; the last part of it may be
 * a link itself. One that leads nowhere does not.
 */
export const leavesSource = async (folder: string, path: string): Promise<boolean> => {
  try {
    const [root, parent] = await Promise.all([realpath(folder), realpath(dirname(join(folder, path)))]);
    return parent !== root && !parent.startsWith(`${root}${sep}`);
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
};

/**
 * Reads a small text file of a source tree by its path from the top; undefined when there is none.
 * Symbolic links count as none, and so does what folders that are links lead to outside the tree: the tree is the user's,
 * and this process may read more than the user may.
 */
export const readSourceFile = async (folder: string, path: string): Promise<string | undefined> => {
  if (await leavesSource(folder, path)) return undefined;
  try {
    await using file = await open(join(folder, path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const { size } = await file.stat();
    if (!(await file.stat()).isFile() || size > maxBytes) return undefined;
    return await file.readFile('utf8');
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
};
