import assert from 'node:assert/strict';
import { test } from 'node:test';
import { heldLines, placeOf, shiftBetween } from './line-order.ts';
import { append, type LogLine } from './log-lines.ts';

const line = (id: number): LogLine => ({ id, at: '', source: 'app', dyno: 'web.1', level: 'info', text: '' });
const lines = (...ids: number[]) => ids.map(line);

test('what is seen of a log stands still while older lines come before it and while the oldest are let go of', () => {
  assert.equal(shiftBetween(lines(10, 20), lines(10, 20, 30)), 0);
  assert.equal(shiftBetween(lines(10, 20), lines(5, 7, 10, 20)), 2);
  assert.equal(shiftBetween(lines(10, 20, 30), lines(30, 40)), -2);
  assert.equal(shiftBetween(lines(10, 20), lines(30)), -2);
  assert.equal(shiftBetween([], lines(1)), 0);
});

test('a pause holds its lines when they are let go of behind it, and shows older ones that were asked for', () => {
  assert.deepEqual(heldLines(lines(10, 20), lines(20, 30)), lines(10, 20));
  assert.deepEqual(heldLines(lines(10, 20), lines(5, 10, 20, 30)), lines(5, 10, 20));
  assert.equal(placeOf(lines(10, 20, 30), 21), 2);
});

test('a log keeps a hundred thousand lines, and up to twice as many while somebody reads among the older ones', () => {
  const full = Array.from({ length: 100_000 }, (_, n) => line(n + 1));
  assert.equal(append(full, lines(100_001), false)[0]?.id, 2);
  assert.equal(append(full, lines(100_001), true)[0]?.id, 1);
  const twice = Array.from({ length: 200_000 }, (_, n) => line(n + 1));
  assert.equal(append(twice, lines(200_001), true).length, 200_000);
  assert.deepEqual(append(lines(1), lines(1, 2), false), lines(1, 2));
});
