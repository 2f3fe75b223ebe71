import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bareSystem } from './bare-handle.ts';

test('the pinned Node has what bare sockets are made of: a Node without it would serve at twice the cost, and nobody would be told', () => {
  assert.ok(bareSystem);
});
