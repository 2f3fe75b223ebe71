/** `node scripts/build-package.ts NAME [FOLDER]`: packages/NAME as JavaScript in FOLDER (its own dist), which npm can pack and publish. */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const root = join(import.meta.dirname, '..');
const [name = '', wanted] = process.argv.slice(2);
const folder = join(root, 'packages', name);
if (name === '' || !existsSync(join(folder, 'tsconfig.build.json'))) {
  process.stderr.write(`expected the name of a package that is published (static, prefork), got "${name}"\n`);
  process.exit(2);
}
const dist = resolve(wanted ?? join(folder, 'dist'));
rmSync(dist, { recursive: true, force: true });
mkdirSync(dist, { recursive: true });
const compiler = join(root, 'node_modules', '.bin', 'tsc');
const { status } = spawnSync(compiler, ['-p', join(folder, 'tsconfig.build.json'), '--outDir', dist], {
  stdio: 'inherit',
});
if (status !== 0) process.exit(1);

/** The same manifest, with JavaScript where sources were, and nothing that only matters in this repository. */
const manifest: Record<string, unknown> = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'), (_, value) =>
  typeof value === 'string' ? value.replace(/^((?:\.\/)?(?:src|bin)\/.*)\.ts$/, '$1.js') : value,
);
delete manifest.scripts;
delete manifest.devDependencies;
writeFileSync(join(dist, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
for (const beside of ['README.md', 'docs'].filter((path) => existsSync(join(folder, path)))) {
  cpSync(join(folder, beside), join(dist, beside), { recursive: true });
}
cpSync(join(root, 'LICENSE'), join(dist, 'LICENSE'));
