import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashToken, newToken } from './token.ts';

test('tokens carry their prefix, fit into a URL and never repeat', () => {
  const tokens = Array.from({ length: 100 }, () => newToken());
  assert.equal(new Set(tokens).size, 100);
  for (const token of tokens) assert.match(token, /^HRKU-[\w-]{43}$/);
  assert.match(newToken(''), /^[\w-]{43}$/);
});

test('the hash of a token is SHA-256', () => {
  assert.equal(hashToken('abc').toString('hex'), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});
