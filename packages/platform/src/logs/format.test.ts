import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatLine, formatTime } from './format.ts';

/** What the official client takes for a log line. */
const clientPattern = /^(.*?\[([\w-]+)([\d.]+)?]:)(.*)?$/;

test('a line is shown with microseconds and an explicit offset', () => {
  const shown = formatLine({ atUs: 1_704_067_200_000_000, source: 'app', dyno: 'web.1', text: 'msg' });
  assert.equal(shown, '2024-01-01T00:00:00.000000+00:00 app[web.1]: msg');
  assert.match(shown, clientPattern);
  assert.equal(formatTime(1_704_067_200_000_001), '2024-01-01T00:00:00.000001+00:00');
  assert.equal(formatTime(1_704_067_199_999_999), '2023-12-31T23:59:59.999999+00:00');
});

test('carriage returns never break a line in two', () => {
  const shown = (text: string) => formatLine({ atUs: 0, source: 'heroku', dyno: 'router', text }).slice(49);
  assert.equal(shown('progress 1%\rprogress 2%'), 'progress 1% progress 2%');
  assert.equal(shown('from Windows\r'), 'from Windows');
});
