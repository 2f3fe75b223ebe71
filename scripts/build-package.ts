/**
 * `node scripts/build-package.ts NAME [--pack | --unpack]`: compiles packages/NAME to JavaScript and types in its `dist`.
 * In a checkout everything runs the TypeScript sources; what is published must be JavaScript, since Node strips no types
 * below node_modules. So for the moment of `npm pack`, `--pack` points package.json at `dist` and `--unpack` puts it back.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';

type Manifest = Record<string, unknown>;
type Tree = string | { readonly [key: string]: Tree };

const root = join(import.meta.dirname, '..');

/** Where tsconfig.build.json puts what it makes of a source, from the package's folder. */
type Compiled = (path: string) => string;

const compiledIn = (folder: string): Compiled => {
  const { compilerOptions } = JSON.parse(readFileSync(join(folder, 'tsconfig.build.json'), 'utf8')) as {
    compilerOptions: { rootDir: string; outDir: string };
  }; // written by us, without comments
  const { rootDir, outDir } = compilerOptions;
  return (path) => `./${posix.join(outDir, posix.relative(rootDir, path)).replace(/\.ts$/, '.js')}`;
};

/** What `exports` says, for the compiled files and with their types. */
const compiledExports = (tree: Tree, compiled: Compiled): Tree => {
  if (typeof tree === 'string') {
    const path = compiled(tree);
    return tree.endsWith('.ts') ? { types: path.replace(/\.js$/, '.d.ts'), default: path } : tree;
  }
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, compiledExports(value, compiled)]));
};

const publishable = (manifest: Manifest, compiled: Compiled): Manifest => ({
  ...manifest,
  exports: compiledExports((manifest.exports ?? {}) as Tree, compiled), // of our own packages
  bin: Object.fromEntries(
    Object.entries((manifest.bin ?? {}) as Record<string, string>).map(([name, path]) => [name, compiled(path)]), // likewise
  ),
});

/** Takes a write under another name and a rename, so that a reader never sees half a file. */
const replaceFile = (path: string, text: string): void => {
  writeFileSync(`${path}.tmp`, text);
  renameSync(`${path}.tmp`, path);
};

const build = (folder: string): void => {
  rmSync(join(folder, 'dist'), { recursive: true, force: true });
  const { status } = spawnSync('tsc', ['-p', join(folder, 'tsconfig.build.json')], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`expected ${folder} to compile, but tsc ended with status ${status}`);
  const { bin = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    bin?: Record<string, string>;
  }; // our own
  for (const path of Object.values(bin)) chmodSync(join(folder, compiledIn(folder)(path)), 0o755);
};

const [name = '', mode] = process.argv.slice(2);
const folder = join(root, 'packages', name);
const manifestFile = join(folder, 'package.json');
const sourceFile = join(folder, 'package.source.json');
if (name === '' || !existsSync(manifestFile)) {
  process.stderr.write(
    `expected the name of a folder in packages, got "${name}"; try: node scripts/build-package.ts prefork\n`,
  );
  process.exit(2);
}
// Left there when a pack was killed.
if (existsSync(sourceFile)) renameSync(sourceFile, manifestFile);
if (mode !== '--unpack') build(folder);
if (mode === '--pack') {
  const text = readFileSync(manifestFile, 'utf8');
  replaceFile(sourceFile, text);
  replaceFile(
    manifestFile,
    `${JSON.stringify(publishable(JSON.parse(text) as Manifest, compiledIn(folder)), undefined, 2)}\n`,
  );
}
