import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sourceDigest } from './source-digest.ts';

const parts = { treeId: 'a', buildpacks: ['x', 'y'], env: { A: '1', B: '2' }, stack: 'heroku-24' };

test('the order of config vars does not count, everything else does', () => {
  const digest = sourceDigest(parts);
  assert.equal(sourceDigest({ ...parts, env: { B: '2', A: '1' } }), digest);
  for (const change of [{ treeId: 'b' }, { buildpacks: ['y', 'x'] }, { env: { A: '1' } }, { stack: 'heroku-22' }]) {
    assert.notEqual(sourceDigest({ ...parts, ...change }), digest);
  }
});
