import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messages } from '../../../language/en.data.ts';
import { describeTimes } from './describe-times.ts';

test('a job says when it runs, with its time zone where that matters', () => {
  const say = (frequency: 'every-10-minutes' | 'hourly' | 'daily' | 'cron', at: string) =>
    describeTimes({ frequency, at, time_zone: 'Asia/Tehran' }, (key) => messages[key]);
  assert.equal(say('every-10-minutes', ''), 'Every 10 minutes');
  assert.equal(say('hourly', '5'), 'Every hour :05');
  assert.equal(say('daily', '13:30'), 'Every day 13:30 (Asia/Tehran)');
  assert.equal(say('cron', '15 6 * * 1-5'), 'By a cron expression 15 6 * * 1-5 (Asia/Tehran)');
});
