import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineSplitter, longestLineBytes } from './line-splitter.ts';

test('a line is a line however its bytes arrive', () => {
  const splitter = new LineSplitter();
  const lines = [...Buffer.from('eins\nzwei €\r\n\ndrei')].flatMap((byte) => splitter.push(Buffer.of(byte)));
  assert.deepEqual(lines, ['eins', 'zwei €', '']);
  assert.equal(splitter.pending, true);
  assert.deepEqual(splitter.end(), ['drei']);
  assert.equal(splitter.pending, false);
  assert.deepEqual(splitter.end(), []);
});

test('bytes that are no UTF-8 are replaced', () => {
  assert.deepEqual(new LineSplitter().push(Buffer.from('a\xffb\n', 'latin1')), ['a\ufffdb']);
});

test('a long line is cut into pieces, never inside a character, also before its end has come', () => {
  for (const end of ['', '\n']) {
    const splitter = new LineSplitter();
    const text = '€'.repeat(8000);
    const pieces = [...splitter.push(Buffer.from(text + end)), ...splitter.end()];
    assert.equal(pieces.join(''), text);
    assert.ok(pieces.every((piece) => Buffer.byteLength(piece) <= longestLineBytes && !piece.includes('\ufffd')));
    assert.equal(pieces.length, 3);
  }
});
