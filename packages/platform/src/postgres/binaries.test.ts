import assert from 'node:assert/strict';
import { chmod, cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { locateBinaries, runnableFolder } from './binaries.ts';
import { runProgram } from './run-program.ts';
import { makerOfClusters } from './unprivileged.ts';

let root: string;
before(async () => {
  root = await mkdtemp(join(tmpdir(), 'ravine-binaries-'));
  await chmod(root, 0o755);
});
after(() => rm(root, { recursive: true, force: true }));

test('a package whose install script did not run is completed in a copy that clusters can run', async () => {
  const installed = dirname(dirname((await locateBinaries(join(root, 'runtimes'))).postgres));
  const native = join(root, 'package', 'native');
  const isNoLink = async (path: string) =>
    !path.includes('/lib/lib') || !/\.so(\.\d+)?$/.test(path) || /(crypto|ssl|lzma|uuid|xml|xslt|libz)/.test(path);
  await cp(installed, native, { recursive: true, filter: isNoLink, verbatimSymlinks: true });
  const copy = await runnableFolder(native, join(root, 'copies', 'postgres'));
  assert.equal(copy, join(root, 'copies', 'postgres'));
  const runAs = await makerOfClusters();
  assert.match(await runProgram(join(copy, 'bin', 'postgres'), ['--version'], { runAs }), /PostgreSQL\) 18/);
  assert.deepEqual(await readdir(join(root, 'copies')), ['postgres']);
  assert.equal(await runnableFolder(native, copy), copy);
});

test('binaries that can be run in place are not copied', async () => {
  const { postgres } = await locateBinaries(join(root, 'none'));
  assert.equal(await runnableFolder(dirname(dirname(postgres)), join(root, 'unneeded')), dirname(dirname(postgres)));
});
