import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messages } from './fa.data.ts';
import { persianLetters } from './persian-letters.data.ts';
import { errorWords, sayings } from './said.fa.data.ts';

test('the font that comes with the page has every Arabic letter that the page says', () => {
  const known = new RegExp(`[${persianLetters.replaceAll(/[0-9A-F]{4}/g, '\\u$&').replaceAll(/U\+|, /g, '')}]`);
  const said = JSON.stringify([messages, [...sayings], errorWords]);
  const unknown = [...new Set(said.match(/[\u0600-\u06FF\u200C-\u200F\uFB50-\uFDFF]/g))].filter((l) => !known.test(l));
  assert.deepEqual(unknown, []);
});
