import assert from 'node:assert/strict';
import { test } from 'node:test';
import { plainText } from './plain-text.ts';

test('colours and titles of terminals are left out, and what they are about stays', () => {
  assert.equal(plainText('\u001b[1;32mok\u001b[0m \u001b]0;title\u0007done\n'), 'ok done\n');
});

test('of a line that a progress bar wrote over again and again, the last is shown', () => {
  assert.equal(plainText('10%\r50%\r100%\nnext\r\nlast'), '100%\nnext\nlast');
});
