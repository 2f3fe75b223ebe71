import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMoment, parseSpan } from './moment.ts';

test('a moment is read with and without a time zone, by its name or by its distance from UTC', () => {
  const cases: [string, string][] = [
    ['2026-11-23 18:00', '2026-11-23T18:00:00.000Z'],
    ['2026-11-23T18:00:05.678Z', '2026-11-23T18:00:05.678Z'],
    ['2026-11-23 18:00 Europe/Paris', '2026-11-23T17:00:00.000Z'],
    ['2026-07-23 18:00 Europe/Paris', '2026-07-23T16:00:00.000Z'],
    ['2026-07-23 11:30 America/New_York', '2026-07-23T15:30:00.000Z'],
    ['2026-11-23 18:00:01 +05:30', '2026-11-23T12:30:01.000Z'],
    ['2026-03-29 03:30 Europe/Paris', '2026-03-29T01:30:00.000Z'],
  ];
  for (const [text, moment] of cases) assert.equal(parseMoment(text)?.toISOString(), moment, text);
});

test('what is no moment is none', () => {
  for (const text of [
    '',
    'yesterday',
    '2026-13-01 10:00',
    '2026-02-30 10:00',
    '2026-01-01 25:00',
    '2026-01-01 10:00 Mars/Base',
  ])
    assert.equal(parseMoment(text), undefined, text);
});

test('a span of time is the sum of its parts', () => {
  assert.equal(parseSpan('3 days 7 hours 22 minutes'), ((3 * 24 + 7) * 60 + 22) * 60_000);
  assert.equal(parseSpan('90 seconds'), 90_000);
  assert.equal(parseSpan('soon'), undefined);
});
