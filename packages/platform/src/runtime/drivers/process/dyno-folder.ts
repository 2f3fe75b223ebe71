import { execFile } from 'node:child_process';
import { chmod, chown, cp, lchown, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { DriverError } from '../../driver-error.ts';

const run = promisify(execFile);

/** As root, dynos run under uids of their own, and must be able to walk to their folder. */
export const isRoot = process.getuid?.() === 0;

const chownTree = async (path: string, uid: number): Promise<void> => {
  await lchown(path, uid, uid);
  const entries = await readdir(path, { withFileTypes: true });
  for (const entry of entries) {
    const child = join(path, entry.name);
    await (entry.isDirectory() ? chownTree(child, uid) : lchown(child, uid, uid));
  }
};

const copyTree = async (from: string, to: string, signal: AbortSignal): Promise<void> => {
  try {
    await run('cp', ['-a', '--reflink=auto', `${from}/.`, to], { signal });
  } catch (error) {
    signal.throwIfAborted();
    // Not every cp knows these options.
    await cp(from, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true }).catch(
      (fault: unknown) => {
        throw new DriverError(`Expected to copy the slug ${from} for the dyno, but: ${String(fault)}`, {
          cause: error,
        });
      },
    );
  }
};

const giveTo = async (folder: string, uid: number): Promise<void> => {
  await run('chown', ['-R', '-h', `${uid}:${uid}`, folder]).catch(() => chownTree(folder, uid));
};

/**
 * Makes a dyno's folder with its own copy of the slug in `app` and an empty `tmp`; what stood there before goes.
 * @throws DriverError when the slug isn't there or can't be copied.
 */
export const makeDynoFolder = async (folder: string, slug: string, uid: number, signal: AbortSignal): Promise<void> => {
  const found = await stat(slug).catch(() => undefined);
  if (found?.isDirectory() !== true) {
    throw new DriverError(`Expected the release's slug in ${slug}, found no folder there; deploy the app again.`);
  }
  await rm(folder, { recursive: true, force: true });
  const [app, tmp] = [join(folder, 'app'), join(folder, 'tmp')];
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await mkdir(app, { mode: 0o700 });
  await mkdir(tmp, { mode: 0o700 });
  await copyTree(slug, app, signal);
  await chmod(app, 0o700);
  if (!isRoot) return;
  await giveTo(app, uid);
  await chown(tmp, uid, uid);
  await chmod(folder, 0o711);
};

/** @throws DriverError when we are root and some folder on the way bars the dynos' uids. */
export const checkReachable = async (folder: string): Promise<void> => {
  if (!isRoot) return;
  for (let path = folder; ; path = dirname(path)) {
    if (((await stat(path)).mode & 0o001) === 0) {
      throw new DriverError(
        `Expected dynos to be able to enter ${folder}, but ${path} is closed to them; run: chmod o+x ${path}`,
      );
    }
    if (path === dirname(path)) return;
  }
};
