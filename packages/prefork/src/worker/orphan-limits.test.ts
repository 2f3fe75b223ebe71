import assert from 'node:assert/strict';
import { test } from 'node:test';
import { orphanLimitMs, stuckOrphanLimitMs } from './orphan-limits.ts';
import { lookEveryMs } from './watchdog.ts';

test('a worker without a master has its time to finish, and is gone within 2 s even if it is stuck', () => {
  assert.ok(orphanLimitMs < stuckOrphanLimitMs && stuckOrphanLimitMs < 2_000);
  // What the thread finds at its next look, it counts from the look before.
  for (const timeoutMs of [0, 100, 1_000, 30_000]) assert.ok(lookEveryMs(timeoutMs) < stuckOrphanLimitMs);
});
