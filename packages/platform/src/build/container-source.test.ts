import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { BuildFailed } from './build-failed.ts';
import { readContainerSource } from './container-source.ts';

let root: string;
/** The source; beside it lies what is not the user's. */
let source: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'container-source-'));
  source = join(root, 'source');
  await mkdir(source);
  await mkdir(join(root, 'private'));
  await writeFile(join(root, 'private', 'Dockerfile'), 'FROM scratch\n');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const write = async (files: Readonly<Record<string, string>>): Promise<void> => {
  for (const [name, text] of Object.entries(files)) await writeFile(join(source, name), text);
};
const refuses = async (reason: RegExp): Promise<void> => {
  await assert.rejects(readContainerSource(source), (error) => {
    assert.ok(error instanceof BuildFailed);
    assert.equal(error.id, 'dockerfile_missing');
    assert.match(error.message, reason);
    return true;
  });
};

test('a Dockerfile behind a committed link to a folder outside the source is refused', async () => {
  const leads = /heroku\.yml builds web from .*Dockerfile, but .* is a symbolic link that leads out of the source/;
  await write({ 'heroku.yml': 'build: {docker: {web: docker/Dockerfile}}' });
  for (const target of ['../private', join(root, 'private')]) {
    await symlink(target, join(source, 'docker'));
    await refuses(leads);
    await rm(join(source, 'docker'));
  }
  await write({ 'heroku.yml': 'build: {docker: {web: docker/web/private/Dockerfile}}' });
  await mkdir(join(source, 'docker'));
  await symlink('../..', join(source, 'docker', 'web'));
  await refuses(leads);
});

test('a link from folder to folder within the source is followed; a Dockerfile that is a link, or behind one to nowhere, is not there', async () => {
  await mkdir(join(source, 'real'));
  await writeFile(join(source, 'real', 'Dockerfile'), 'FROM scratch\n');
  await symlink('real', join(source, 'docker'));
  await write({ 'heroku.yml': 'build: {docker: {web: docker/Dockerfile}}' });
  assert.deepEqual((await readContainerSource(source)).images.web, {
    dockerfile: 'docker/Dockerfile',
    context: 'docker',
  });
  await write({ 'heroku.yml': 'build: {docker: {web: nowhere/Dockerfile}}' });
  await symlink('../absent', join(source, 'nowhere'));
  await refuses(/which is not in the source/);
  await symlink(join(root, 'private', 'Dockerfile'), join(source, 'real', 'Linked'));
  await write({ 'heroku.yml': 'build: {docker: {web: docker/Linked}}' });
  await refuses(/which is not in the source/);
});
