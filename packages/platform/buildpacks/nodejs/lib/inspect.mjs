// Prints what bin/compile wants to know of package.json as shell assignments; values are words or hex.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const envFolder = process.argv[2];
const manifest = JSON.parse(readFileSync('package.json', 'utf8').replace(/^\uFEFF/, ''));
const scripts = manifest.scripts || {};
const has = (name) => typeof scripts[name] === 'string';
const yes = (condition) => (condition ? 'yes' : 'no');

const lockFiles = ['package-lock.json', 'npm-shrinkwrap.json', 'yarn.lock', 'pnpm-lock.yaml'];
const settingFiles = ['.npmrc', '.yarnrc', '.yarnrc.yml', 'pnpm-workspace.yaml'];
const dependencyKeys = [
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
  'overrides',
  'resolutions',
  'pnpm',
];

const hash = createHash('sha256');
const add = (name, content) => hash.update(`${name}\0${content.length}\0`).update(content);
for (const name of [...lockFiles, ...settingFiles]) if (existsSync(name)) add(name, readFileSync(name));
for (const key of dependencyKeys) add(key, JSON.stringify(manifest[key] || null));
for (const name of readdirSync(envFolder).sort()) {
  if (/^(npm_|yarn_|pnpm_|node_)/i.test(name)) add(name, readFileSync(join(envFolder, name)));
}
for (const name of ['RAVINE_NODE_VERSION', 'RAVINE_PACKAGE_MANAGER', 'RAVINE_MANAGER_VERSION', 'RAVINE_NPM_FOLDER']) {
  add(name, process.env[name] || '');
}

// Scripts that an install runs for the root package, and folders beside node_modules that it fills, can't be taken from a cache.
const installScripts = ['preinstall', 'install', 'postinstall', 'prepublish', 'preprepare', 'prepare', 'postprepare'];
const plain = !manifest.workspaces && !existsSync('pnpm-workspace.yaml') && !installScripts.some(has);
const locked = lockFiles.some((name) => existsSync(name));
// A package of the source itself is as good as one of the registry where it is one file, which can be part of the key.
const named = JSON.stringify(dependencyKeys.map((key) => manifest[key]));
const tarballs = [...named.matchAll(/"file:([^"]+\.(?:tgz|tar\.gz))"/g)].map(([, file]) => file);
for (const file of tarballs.sort()) if (existsSync(file)) add(file, readFileSync(file));
const local = [...named.matchAll(/"(file|link|portal|workspace):/g)].length > tarballs.length;

const facts = {
  has_start: yes(has('start')),
  has_prebuild: yes(has('heroku-prebuild')),
  build_script: has('heroku-postbuild') ? 'heroku-postbuild' : has('build') ? 'build' : '',
  has_cleanup: yes(has('heroku-cleanup')),
  has_dev: yes(Object.keys(manifest.devDependencies || {}).length > 0),
  cacheable: yes(plain && locked && !local && process.env.RAVINE_PACKAGE_MANAGER !== 'pnpm'),
  key: hash.digest('hex'),
};
for (const [name, value] of Object.entries(facts)) console.log(`${name}=${value}`);
