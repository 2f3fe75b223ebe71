import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exitStatusMarker, parseExitStatusRequest } from './exit-status.ts';

test('the suffix of heroku run -x is taken off and remembered', () => {
  assert.deepEqual(parseExitStatusRequest('rake db:migrate ; echo "\uFFFF heroku-command-exit-status: $?"'), {
    command: 'rake db:migrate',
    wantsStatus: true,
  });
  assert.deepEqual(parseExitStatusRequest('exit 3; echo "\uFFFF heroku-command-exit-status: $?"'), {
    command: 'exit 3',
    wantsStatus: true,
  });
});

test('commands that only look like it run as they are', () => {
  for (const command of [
    'bash',
    'echo "heroku-command-exit-status: $?"',
    'echo a ; echo "\uFFFF heroku-command-exit-status: $?" ; echo b',
    'a && b; c',
    'two  spaces ',
    '',
  ]) {
    assert.deepEqual(parseExitStatusRequest(command), { command, wantsStatus: false });
  }
});

test('a command of several lines keeps all of them', () => {
  const command = 'cat <<EOF\none\nEOF\ntrue';
  assert.equal(parseExitStatusRequest(`${command} ; echo "\uFFFF heroku-command-exit-status: $?"`).command, command);
});

test('the marker is what the official client looks for, and nothing of it stays on the screen', () => {
  const text = exitStatusMarker(137);
  assert.equal(text.match(/\uFFFF heroku-command-exit-status: (\d+)/m)?.[1], '137');
  assert.equal(text.replace(/^\uFFFF heroku-command-exit-status: \d+$\n?/m, ''), '');
  assert.deepEqual([...Buffer.from(text).subarray(0, 3)], [0xef, 0xbf, 0xbf]);
});
