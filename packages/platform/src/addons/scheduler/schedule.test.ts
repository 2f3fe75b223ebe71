import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextRun, type Schedule, scheduleProblem } from './schedule.ts';

const schedule = (frequency: Schedule['frequency'], at = '', timeZone = 'UTC'): Schedule => ({
  frequency,
  at,
  timeZone,
});

test('the next run is the first time after now that the frequency names', () => {
  const now = new Date('2026-03-28T12:34:56Z');
  for (const [one, next] of [
    [schedule('every-10-minutes'), '2026-03-28T12:40:00.000Z'],
    [schedule('hourly', '30'), '2026-03-28T13:30:00.000Z'],
    [schedule('hourly', ':50'), '2026-03-28T12:50:00.000Z'],
    [schedule('daily', '04:30'), '2026-03-29T04:30:00.000Z'],
    [schedule('cron', '0 9 * * 1-5'), '2026-03-30T09:00:00.000Z'],
    [schedule('cron', '*/5 * * * *'), '2026-03-28T12:35:00.000Z'],
  ] as const) {
    assert.equal(nextRun(one, now)?.toISOString(), next);
  }
});

test('a time zone with summer time keeps its time of day, and runs once in the night that has an hour twice', () => {
  const daily = schedule('daily', '09:00', 'Europe/Berlin');
  assert.equal(nextRun(daily, new Date('2026-03-28T12:00:00Z'))?.toISOString(), '2026-03-29T07:00:00.000Z');
  assert.equal(nextRun(daily, new Date('2026-03-27T12:00:00Z'))?.toISOString(), '2026-03-28T08:00:00.000Z');
  const twice = schedule('daily', '02:30', 'Europe/Berlin');
  const first = nextRun(twice, new Date('2026-10-24T12:00:00Z'));
  assert.ok(first !== undefined);
  assert.match(nextRun(twice, first)?.toISOString() ?? '', /^2026-10-26/);
});

test('what can not be kept is refused in the terms of its field', () => {
  for (const [one, problem] of [
    [schedule('daily', '25:00'), /^at: expected the time of day, such as "13:30"; got "25:00"/],
    [schedule('hourly', '60'), /^at: expected the minute/],
    [schedule('every-10-minutes', '5'), /^at: expected nothing/],
    [schedule('cron', '* * *'), /five fields/],
    [schedule('cron', '99 * * * *'), /five fields/],
    [schedule('cron', '0 0 30 2 *'), /never comes/],
    [schedule('daily', '10:00', 'Mars/Base'), /^time_zone: expected a name such as UTC/],
  ] as const) {
    assert.match(scheduleProblem(one) ?? '', problem);
  }
  assert.equal(scheduleProblem(schedule('daily', '4:05', 'Asia/Tehran')), undefined);
});
