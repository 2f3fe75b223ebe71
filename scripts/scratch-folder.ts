import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rm, statfs } from 'node:fs/promises';
import { freemem } from 'node:os';
import { join } from 'node:path';

const memoryFolder = '/dev/shm';
/** Short, since what is below it has Unix sockets, whose paths are. */
const prefix = 'rv-';
/** Three stories at once need less than a third of this. */
const leastBytes = 6 * 1024 ** 3;

/**
 * Where the tests' files are made, until it is disposed of: in memory where there is plenty, else in the usual place for
 * temporary files. Tests make and remove whole databases and apps; an ext4 without a journal leaves the inodes of removed
 * files alone for a while, and looks at all of them for each new file.
 */
export class ScratchFolder implements AsyncDisposable {
  readonly folder: string | undefined;

  private constructor(folder: string | undefined) {
    this.folder = folder;
  }

  static async make(): Promise<ScratchFolder> {
    if (!(await hasRoom())) return new ScratchFolder(undefined);
    await removeLeft();
    const folder = join(memoryFolder, `${prefix}${process.pid}`);
    await mkdir(folder);
    await chmod(folder, 0o1777);
    return new ScratchFolder(folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.folder !== undefined) await rm(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

const hasRoom = async (): Promise<boolean> => {
  const mounts = await readFile('/proc/mounts', 'utf8').catch(() => '');
  const [, , type, options = ''] =
    mounts
      .split('\n')
      .map((line) => line.split(' '))
      .findLast(([, place]) => place === memoryFolder) ?? [];
  // Dynos run what builds put there.
  if (type !== 'tmpfs' || !/^rw\b/.test(options) || /\bnoexec\b/.test(options)) return false;
  const { bavail, bsize } = await statfs(memoryFolder);
  return Math.min(bavail * bsize, freemem()) >= leastBytes;
};

/** Removes what killed runs have left, which would else take memory for ever. */
const removeLeft = async (): Promise<void> => {
  for (const name of await readdir(memoryFolder)) {
    const pid = Number(name.slice(prefix.length));
    if (!name.startsWith(prefix) || !Number.isInteger(pid) || existsSync(`/proc/${pid}`)) continue;
    // A small disk that a story has mounted there stays, empty.
    await rm(join(memoryFolder, name), { recursive: true, force: true }).catch(() => {});
  }
};
