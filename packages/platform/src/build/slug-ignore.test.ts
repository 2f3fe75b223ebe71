import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSlugIgnore } from './slug-ignore.ts';

const cases: [pattern: string, path: string, isFolder: boolean, ignored: boolean][] = [
  ['*.psd', 'a/b/c.psd', false, true],
  ['*.psd', 'a.psd.txt', false, false],
  ['/docs', 'docs', true, true],
  ['/docs', 'a/docs', true, false],
  ['tmp/', 'a/tmp', true, true],
  ['tmp/', 'a/tmp', false, false],
  ['a/*/c', 'a/b/c', false, true],
  ['a/**/c', 'a/c', false, true],
  ['a+(b).txt', 'a+(b).txt', false, true],
  ['!keep', 'keep', false, false],
  ['# keep', '# keep', false, false],
];

for (const [pattern, path, isFolder, ignored] of cases) {
  test(`${pattern} ${ignored ? 'leaves out' : 'keeps'} the ${isFolder ? 'folder' : 'file'} ${path}`, () => {
    assert.equal(parseSlugIgnore(`\n${pattern}\n`)(path, isFolder), ignored);
  });
}
