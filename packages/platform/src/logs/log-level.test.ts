import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAtLeast, levelOf } from './log-level.ts';

const said: Readonly<Record<string, readonly string[]>> = {
  error: [
    'at=error code=H12 desc="Request timeout" method=GET path="/"',
    'Error R14 (Memory quota exceeded)',
    'TypeError: x is not a function',
    'Uncaught ReferenceError: y is not defined',
    'Traceback (most recent call last):',
    '2026-11-23 19:40:00 [123] [ERROR] no such table',
    '{"level":50,"msg":"lost"}',
    '{"severity": "ERROR", "message": "lost"}',
    'time=2026 level=fatal msg="gone"',
    'django.db.utils.OperationalError: no such table',
  ],
  warning: ['WARN deprecated', '[WARNING] slow', '{"level":40}', 'level=warn x=1', 'warning: unused'],
  info: ['at=info method=GET path="/error" status=200', 'Listening on 3000', '[INFO] No ERRORS found', 'no error here'],
  debug: ['DEBUG sql 3ms', '{"level":20,"msg":"x"}', 'level=debug a=b'],
};

test('a line has the level that it says, at its beginning or in a field, in the ways of usual loggers', () => {
  const wrong = Object.entries(said).flatMap(([level, lines]) =>
    lines.filter((text) => levelOf({ text }) !== level).map((text) => `${text}: ${levelOf({ text })}`),
  );
  assert.deepEqual(wrong, []);
});

test('a line of a worse level passes a filter for a milder one', () => {
  assert.equal(isAtLeast('error', 'warning'), true);
  assert.equal(isAtLeast('info', 'warning'), false);
});
