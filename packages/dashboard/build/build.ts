/**
 * Makes the dashboard's files in `dist`: pages and scripts by Vite, each with its compressed variants beside it.
 * `--if-stale` does nothing when they are those of the sources that are there.
 */
import { createHash } from 'node:crypto';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { collectStatic } from '@ravine/static/prepare';
import react from '@vitejs/plugin-react';
import { build } from 'vite';
import { writePersianFont } from './persian-font.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const stampFile = join(dist, '.stamp');

/** One text for one state of everything that the files are made of. */
const stamp = (): string => {
  const hash = createHash('sha256');
  const files = globSync('{index.html,package.json,build/**,public/**,src/**}', { cwd: root, withFileTypes: true });
  const paths = files.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const path of paths.sort())
    hash
      .update(`${path.slice(root.length)}\0`)
      .update(readFileSync(path))
      .update('\0');
  return hash.digest('hex');
};

const make = async (wanted: string): Promise<void> => {
  const work = mkdtempSync(join(root, '.build-'));
  try {
    const [plain, whole, made] = [join(work, 'plain'), join(work, 'whole'), join(work, 'made')];
    mkdirSync(made);
    await writePersianFont(join(made, 'persian.woff2'));
    await build({
      root,
      base: '/dashboard/',
      configFile: false,
      logLevel: 'warn',
      plugins: [react()],
      resolve: { alias: { '#made': made } },
      build: {
        outDir: plain,
        target: 'es2023',
        // The page's policy allows neither scripts nor fonts that are inside of something else.
        assetsInlineLimit: 0,
        modulePreload: { polyfill: false },
        reportCompressedSize: false,
      },
    });
    // Vite has put fingerprints into names already.
    await collectStatic({ sources: [plain], root: whole, prefix: '/dashboard/', fingerprints: false });
    writeFileSync(join(whole, '.stamp'), wanted);
    rmSync(dist, { recursive: true, force: true });
    renameSync(whole, dist);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
};

const wanted = stamp();
const isStale = !existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== wanted;
if (isStale || !process.argv.includes('--if-stale')) {
  process.stdout.write('building the dashboard ...\n');
  await make(wanted);
}
