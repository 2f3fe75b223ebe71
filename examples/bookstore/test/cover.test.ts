import { match, notStrictEqual, strictEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { drawCover } from '../src/cover.ts';

test('a book always has the same cover, and its neighbour another one', () => {
  const book = { id: 7, title: 'Candide', author: 'Voltaire', language: 'en' } as const;
  strictEqual(drawCover(book), drawCover(book));
  notStrictEqual(drawCover(book), drawCover({ ...book, id: 8 }));
});

test('a title is escaped on its cover', () => {
  match(drawCover({ id: 1, title: '<Tom & Jerry>', author: 'A & B', language: 'en' }), /&lt;Tom &amp;.*A &amp; B/s);
});
