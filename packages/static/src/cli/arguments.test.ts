import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StaticError } from '../static-error.ts';
import { readArguments, UsageError } from './arguments.ts';

test('flags become settings, and repeated ones lists', () => {
  const args = '--root out --source a --source v=b -i *.map --keep-releases 0 --no-originals -l --encoding gzip'.split(
    ' ',
  );
  assert.deepEqual(readArguments(args, []).settings, {
    root: 'out',
    sources: ['a', 'v=b'],
    ignore: ['*.map'],
    keepReleases: 0,
    originals: false,
    link: true,
    encodings: ['gzip'],
  });
});

test('a flag that is unknown or lacks its value is a usage error', () => {
  assert.throws(() => readArguments(['--bogus'], []), UsageError);
  assert.throws(() => readArguments(['--root'], []), UsageError);
  assert.throws(() => readArguments(['--no-originals=x'], []), UsageError);
});

test('a value of the wrong kind is an error in the words of the setting', () => {
  const refuses = (args: string[], message: RegExp): void =>
    assert.throws(
      () => readArguments(args, []),
      (error) => error instanceof StaticError && error.code === 'bad-setting' && message.test(error.message),
    );
  refuses(['--keep-releases', 'x'], /keepReleases: expected a whole number, 0 or more, got "x"/);
  refuses(['--encoding', 'lzma'], /encodings: expected only gzip, br, zstd, got \["lzma"\]/);
  refuses(['--missing', 'ignore'], /missing: expected one of error, warn, got "ignore"/);
  refuses(['--config', 'none.json'], /the settings file none\.json can't be read \(ENOENT\)/);
});
