import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RateBound } from './rate-bound.ts';

test('a burst passes at once, then as much as the rate allows, never more than a burst', () => {
  const bound = new RateBound(10, 100, 0);
  assert.equal(bound.take(250, 0), 100);
  assert.equal(bound.take(1, 0), 0);
  assert.equal(bound.take(50, 2000), 20);
  assert.equal(bound.take(1000, 1_000_000), 100);
});

test('parts of a line are saved up between calls', () => {
  const bound = new RateBound(10, 1, 0);
  assert.equal(bound.take(1, 0), 1);
  assert.deepEqual(
    [50, 90, 101].map((nowMs) => bound.take(1, nowMs)),
    [0, 0, 1],
  );
});
