import assert from 'node:assert/strict';
import { test } from 'node:test';
import { perMinute } from './report.ts';

test('the same traffic is the same number in every range, the step that has just begun included', () => {
  assert.deepEqual(perMinute({ at: [0, 60, 120], step: 60 }, [30, null, 15], 150), [30, null, 30]);
  assert.deepEqual(perMinute({ at: [0, 3600], step: 3600 }, [1800, 900], 5400), [30, 30]);
  assert.deepEqual(perMinute({ at: [0], step: 60 }, [1], 1), [6]);
});
