import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idleLimitMs } from './stop.ts';

test('at a stop idle connections are kept as long as promised, but never until the stop has run out of time', () => {
  assert.equal(idleLimitMs(5_000, 30_000), 6_500);
  assert.equal(idleLimitMs(0, 30_000), 1_500);
  assert.equal(idleLimitMs(95_000, 30_000), 10_000);
  assert.equal(idleLimitMs(95_000, 8_000), 4_000);
});
