/** `npm run bookstore -- FOLDER`: a copy of examples/bookstore with the two packages of this repository that it needs in its vendor/. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { copyFile, cp, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..');
const kept = join(root, 'node_modules', '.cache', 'ravine-packages');
/** What a run of the bookstore in this repository leaves there. */
const leftovers = ['node_modules', 'staticfiles', 'media', 'vendor'];

/** The package as `npm pack` makes it, from the cache if its sources are those of last time. @returns the tarball's path */
const pack = async (name: string): Promise<string> => {
  const folder = join(root, 'packages', name);
  const hash = createHash('sha256').update(readFileSync(join(root, 'scripts', 'build-package.ts')));
  const sources = globSync('{{src,bin,docs}/**,*}.{ts,json,md}', { cwd: folder, exclude: ['dist/**'] });
  for (const file of sources.filter((path) => !/\.(test|fixture)\.ts$/.test(path)).sort())
    hash.update(`${file}\0`).update(readFileSync(join(folder, file)));
  const tarball = join(kept, `${name}-${hash.digest('hex').slice(0, 16)}.tgz`);
  if (existsSync(tarball)) return tarball;
  await mkdir(kept, { recursive: true });
  const making = await mkdtemp(join(kept, `${name}-`));
  try {
    await run(process.execPath, [join(root, 'scripts', 'build-package.ts'), name, join(making, 'dist')]);
    await run('npm', ['pack', '--silent', './dist'], { cwd: making });
    const [made = ''] = (await readdir(making)).filter((file) => file.endsWith('.tgz'));
    await rename(join(making, made), tarball);
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  return tarball;
};

/** Copies the bookstore, ready to be committed and pushed. @param folder need not exist */
export const copyBookstore = async (folder: string): Promise<void> => {
  const tarballs = { static: await pack('static'), prefork: await pack('prefork') };
  const example = join(root, 'examples', 'bookstore');
  await cp(example, folder, { recursive: true, filter: (path) => !leftovers.includes(relative(example, path)) });
  await mkdir(join(folder, 'vendor'));
  for (const [name, tarball] of Object.entries(tarballs))
    await copyFile(tarball, join(folder, 'vendor', `ravine-${name}.tgz`));
};

if (import.meta.main) {
  const [folder] = process.argv.slice(2);
  if (folder === undefined || existsSync(folder)) {
    process.stderr.write(
      `expected the name of a folder to make, got ${folder === undefined ? 'none' : `${folder}, which exists`}: npm run bookstore -- ../my-bookstore\n`,
    );
    process.exit(2);
  }
  await copyBookstore(folder);
  process.stdout.write(`${resolve(folder)} holds the bookstore; its README.md says how to go on\n`);
}
