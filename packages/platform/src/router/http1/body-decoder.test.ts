import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BodyDecoder } from './body-decoder.ts';

const wiki = '4;note="a\\"b"\r\nWiki\r\n6\r\npedia \r\nE\r\nin \r\n\r\nchunks.\r\n0\r\nX-Trailer: dropped\r\n\r\n';
const wikiText = 'Wikipedia in \r\n\r\nchunks.';

/** Decodes a body that comes in pieces of a size; the rest after its end is given back. */
const decode = (text: string, pieceBytes: number): { state: string; payload: string; rest: string } => {
  const decoder = new BodyDecoder();
  decoder.startChunked();
  let payload = '';
  for (let at = 0; at < text.length; at += pieceBytes) {
    const piece = Buffer.from(text.slice(at, at + pieceBytes), 'latin1');
    const state = decoder.decode(piece, 0, piece.length);
    payload += piece.toString('latin1', decoder.from, decoder.to);
    if (state !== 'more') return { state, payload, rest: text.slice(at + decoder.end) };
  }
  return { state: 'more', payload, rest: '' };
};

test('chunks give the same payload and end, whatever pieces they come in', () => {
  for (let bytes = 1; bytes <= wiki.length + 4; bytes++) {
    assert.deepEqual(decode(`${wiki}GET `, bytes), { state: 'done', payload: wikiText, rest: 'GET ' }, `${bytes}`);
  }
});

test('what is not exactly a chunk ends the body', () => {
  for (const text of [
    '0x5\r\n',
    '+5\r\n',
    ' 5\r\n',
    '5 \r\n',
    '\r\n',
    'G\r\n',
    '5\n',
    '5\r\nhello\n',
    '5\r\nhelloX',
    '0\r\n\0',
  ])
    for (const bytes of [1, 100]) assert.equal(decode(text, bytes).state, 'bad', JSON.stringify(text));
  assert.equal(decode('11111111111111111\r\n', 100).state, 'bad');
  assert.equal(decode(`1;${'x'.repeat(9_000)}\r\n`, 100).state, 'bad');
  assert.equal(decode('0\r\nno colon\r\n\r\n', 100).state, 'bad');
  assert.equal(decode(`0\r\n${'X: y\r\n'.repeat(10_000)}\r\n`, 1_000).state, 'bad');
});

test('a body with a length takes so many bytes and leaves the others', () => {
  const decoder = new BodyDecoder();
  decoder.startLength(5);
  const bytes = Buffer.from('abcGET');
  assert.equal(decoder.decode(bytes, 0, 3), 'more');
  assert.equal(decoder.decode(bytes, 1, 6), 'done');
  assert.deepEqual([decoder.from, decoder.to, decoder.end], [1, 3, 3]);
});
