import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReadBuffer, takeReadBuffer } from './read-buffer.ts';

test('memory that a write reads from serves another reader only when that write is over', () => {
  const first = takeReadBuffer();
  first.hold();
  first.leave();
  const second = takeReadBuffer();
  assert.notEqual(second, first);
  first.release();
  assert.equal(takeReadBuffer(), first);
  second.leave();
  assert.equal(takeReadBuffer(), second);
});

test('a buffer is found by any part of its memory', () => {
  const buffer = takeReadBuffer();
  assert.equal(ReadBuffer.of(buffer.view.subarray(7, 9)), buffer);
  assert.equal(ReadBuffer.of(Buffer.from('other')), undefined);
});

test('memory whose last use nobody hears of is not used again', () => {
  const lost = takeReadBuffer();
  lost.lose();
  lost.leave();
  assert.notEqual(takeReadBuffer(), lost);
});
