import assert from 'node:assert/strict';
import { test } from 'node:test';
import { patchBetween, readLines, writeLines } from './dotenv.ts';

test('what a bulk edit shows is read back as the same config vars, whatever their values hold', () => {
  const vars = { B: 'a=b # c', A: '', KEY: '-----BEGIN-----\nMII\n', QUOTED: '"x"', BLANK: ' y ', TAB: 'a\tb' };
  assert.deepEqual(readLines(writeLines(vars)), { vars, problem: undefined });
});

test('comments and blank lines are left out, and a line that is no config var is named', () => {
  assert.deepEqual(readLines('# a comment\n\nA=1\nnot this\nB=2'), {
    vars: { A: '1' },
    problem: { line: 4, text: 'not this' },
  });
});

test('only what was changed is sent, and what was taken out is removed', () => {
  assert.deepEqual(patchBetween({ A: '1', B: '2', C: '3' }, { A: '1', B: 'two', D: '4' }), {
    B: 'two',
    C: null,
    D: '4',
  });
  assert.deepEqual(patchBetween({ A: '1' }, { A: '1' }), {});
});
