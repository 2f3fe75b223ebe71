import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DockerIgnore } from './docker-ignore.ts';

test('the last rule that matches decides, and a folder takes what is in it along', () => {
  const ignore = new DockerIgnore('# comment\n\n/node_modules/\n*.log\n!keep.log\n**/cache\ndocs/**/draft?.md\n');
  const left = [
    'node_modules',
    'node_modules/a/b.js',
    'a.log',
    'cache',
    'x/y/cache/z',
    'docs/draft1.md',
    'docs/a/b/draft2.md',
  ];
  const sent = ['src/node_modules/a.js', 'src/a.log', 'keep.log', 'cachet', 'docs/draft10.md', 'comment'];
  for (const path of left) assert.equal(ignore.ignores(path), true, path);
  for (const path of sent) assert.equal(ignore.ignores(path), false, path);
});

test('everything but one thing can be left out', () => {
  const ignore = new DockerIgnore('*\n!src\n');
  assert.equal(ignore.ignores('README.md'), true);
  assert.equal(ignore.ignores('src/a/b.ts'), false);
  assert.equal(ignore.isFinal, false);
});
