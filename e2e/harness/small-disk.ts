import { execFile } from 'node:child_process';
import { mkdtemp, rm, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A file system of its own that is soon full. Needs root. */
export class SmallDisk implements AsyncDisposable {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async make(megabytes: number): Promise<SmallDisk> {
    const folder = await mkdtemp(join(tmpdir(), 'ravine-disk-'));
    await run('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=755`, 'tmpfs', folder]);
    return new SmallDisk(folder);
  }

  async freeMegabytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.folder);
    return Math.floor((bavail * bsize) / 1024 / 1024);
  }

  /** Leaves so much of it free. @returns how to give the rest back */
  async fill(leftMegabytes: number): Promise<() => Promise<void>> {
    const ballast = join(this.folder, 'ballast');
    await run('fallocate', ['--length', `${(await this.freeMegabytes()) - leftMegabytes}MiB`, ballast]);
    return () => rm(ballast);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await run('umount', [this.folder]);
    await rm(this.folder, { recursive: true });
  }
}
