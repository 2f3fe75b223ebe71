import { constants } from 'node:fs';
import { type FileHandle, open, readdir, readFile, readlink, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { DockerIgnore } from './docker-ignore.ts';
import { tarEnd, tarHeader, tarPadding } from './tar-entry.ts';

const readBytes = 256 * 1024;

/**
 * A file of its own for one Dockerfile wins over the folder's. A link to the outside counts as none: the folder is the
 * user's, and this process may read more than the user may.
 */
const readIgnore = async (folder: string, dockerfile: string): Promise<DockerIgnore> => {
  const root = await realpath(folder);
  for (const name of [`${dockerfile}.dockerignore`, '.dockerignore']) {
    const path = await realpath(join(root, name)).catch(() => undefined);
    if (path?.startsWith(`${root}${sep}`) !== true) continue;
    const text = await readFile(path, { encoding: 'utf8', flag: constants.O_RDONLY | constants.O_NONBLOCK });
    return new DockerIgnore(text);
  }
  return new DockerIgnore('');
};

/** Exactly as many bytes as the header says, also of a file that changes meanwhile. */
const fileBytes = async function* (file: FileHandle, size: number): AsyncGenerator<Buffer> {
  let left = size;
  while (left > 0) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(Math.min(readBytes, left)));
    if (bytesRead === 0) break;
    left -= bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
  if (left > 0) yield Buffer.alloc(left);
  yield tarPadding(size);
};

const packFolder = async function* (
  root: string,
  inside: string,
  sends: (path: string) => boolean,
  descends: (path: string) => boolean,
): AsyncGenerator<Buffer> {
  const entries = await readdir(join(root, inside), { withFileTypes: true });
  entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const found of entries) {
    const path = inside === '' ? found.name : `${inside}/${found.name}`;
    const full = join(root, path);
    if (found.isDirectory()) {
      if (!sends(path) && !descends(path)) continue;
      const { mtimeMs } = await stat(full);
      if (sends(path)) yield tarHeader({ path, kind: 'folder', mode: 0o755, size: 0, modifiedAt: mtimeMs / 1000 });
      yield* packFolder(root, path, sends, descends);
    } else if (!sends(path)) {
      // It stays at home.
    } else if (found.isSymbolicLink()) {
      yield tarHeader({ path, kind: 'link', mode: 0o777, size: 0, modifiedAt: 0, target: await readlink(full) });
    } else if (found.isFile()) {
      await using file = await open(full);
      const { size, mode, mtimeMs } = await file.stat();
      // As git has it: a file is executable or not; what else its mode says differs between machines.
      const kept = (mode & 0o100) === 0 ? 0o644 : 0o755;
      yield tarHeader({ path, kind: 'file', mode: kept, size, modifiedAt: mtimeMs / 1000 });
      yield* fileBytes(file, size);
    }
  }
};

/**
 * A build context as a tar archive: a folder without what its .dockerignore leaves out. The Dockerfile, given by its path
 * from the folder, is always in it. The same tree gives the same bytes but for times of change, which no build looks at.
 */
export const packContext = async function* (folder: string, dockerfile: string): AsyncGenerator<Buffer> {
  const ignore = await readIgnore(folder, dockerfile);
  const always = new Set([dockerfile, '.dockerignore', `${dockerfile}.dockerignore`]);
  const sends = (path: string): boolean => always.has(path) || !ignore.ignores(path);
  const descends = (path: string): boolean => !ignore.isFinal || dockerfile.startsWith(`${path}/`);
  yield* packFolder(folder, '', sends, descends);
  yield tarEnd;
};
