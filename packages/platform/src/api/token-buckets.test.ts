import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenBuckets } from './token-buckets.ts';

test('a bucket gives what it holds, then one token as time goes by, and says when', () => {
  let nowMs = 0;
  const buckets = new TokenBuckets(3, 3600, () => new Date(nowMs));
  assert.deepEqual([buckets.take('a').remaining, buckets.take('a').remaining, buckets.take('a').remaining], [2, 1, 0]);
  assert.deepEqual(buckets.take('a'), { granted: false, remaining: 0, retryAfterSeconds: 1 });
  assert.equal(buckets.take('b').granted, true);
  nowMs = 1000;
  assert.equal(buckets.take('a').granted, true);
  assert.equal(buckets.take('a').granted, false);
  nowMs = 3_600_000;
  assert.equal(buckets.peek('a').remaining, 3);
});
