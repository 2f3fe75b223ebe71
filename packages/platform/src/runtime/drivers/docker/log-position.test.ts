import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advance, formatPosition, parsePosition, readFrameTime } from './log-position.ts';

test('a frame is a time to the nanosecond and the bytes that follow it', () => {
  const { since, bytes } = readFrameTime(Buffer.from('2026-11-23T14:00:00.012345678Z two words\n'));
  assert.equal(since, '1795442400.012345678');
  assert.equal(bytes.toString(), 'two words\n');
  assert.equal(readFrameTime(Buffer.from('2026-11-23T14:00:00Z ')).since, '1795442400.000000000');
  assert.throws(() => readFrameTime(Buffer.from('no time')), /Expected a time/);
});

test('a position counts the frames of one time, and survives being written down', () => {
  const first = advance(undefined, '7.000000001');
  const second = advance(first, '7.000000001');
  assert.deepEqual(second, { since: '7.000000001', seen: 2 });
  assert.deepEqual(advance(second, '7.000000002'), { since: '7.000000002', seen: 1 });
  assert.deepEqual(parsePosition(formatPosition(second)), second);
  for (const text of [undefined, '', '4711', '7.5:1', 'a:b']) assert.equal(parsePosition(text), undefined);
});
