import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseHttpDate } from './http-date.ts';

test('all three forms of a date are read', () => {
  const date = Date.UTC(1994, 10, 6, 8, 49, 37);
  assert.equal(parseHttpDate('Sun, 06 Nov 1994 08:49:37 GMT'), date);
  assert.equal(parseHttpDate('Sunday, 06-Nov-94 08:49:37 GMT'), date);
  assert.equal(parseHttpDate('Sun Nov  6 08:49:37 1994'), date);
});

test('a year of two digits is at most 50 years ahead', () => {
  const year = new Date().getUTCFullYear();
  const parsed = (ahead: number): number =>
    new Date(
      parseHttpDate(`Sunday, 06-Nov-${String((year + ahead) % 100).padStart(2, '0')} 08:49:37 GMT`) ?? 0,
    ).getUTCFullYear();
  assert.equal(parsed(1), year + 1);
  assert.equal(parsed(60), year - 40);
});

test('nothing else is a date', () => {
  for (const text of [
    '',
    'Sun, 06 Nov 1994 08:49:37',
    'Sun, 06 Nov 1994 08:49:37 UTC',
    'Sun, 6 Nov 1994 08:49:37 GMT',
    'Sun, 06 nov 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 08:49:37 GMT; length=1',
    'Sun, 31 Feb 1994 08:49:37 GMT',
    'Sun, 06 Nov 1994 24:49:37 GMT',
    '784111777',
  ])
    assert.equal(parseHttpDate(text), undefined, text);
});
