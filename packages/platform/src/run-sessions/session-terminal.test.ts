import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestedTerminal } from './session-terminal.ts';

test('a client at a screen gets a terminal of its size, sent as numbers or as text', () => {
  const terminal = { columns: 120, rows: 40, term: 'xterm-256color' };
  assert.deepEqual(requestedTerminal({ TERM: 'xterm-256color', COLUMNS: 120, LINES: 40 }, false), terminal);
  assert.deepEqual(requestedTerminal({ TERM: 'xterm-256color', COLUMNS: '120', LINES: '40' }, false), terminal);
});

test('a client whose output goes elsewhere, or that asks for none, gets no terminal', () => {
  assert.equal(requestedTerminal({ TERM: 'xterm' }, false), undefined);
  assert.equal(requestedTerminal({ TERM: 'xterm', COLUMNS: 80, LINES: 24 }, true), undefined);
  assert.equal(requestedTerminal({ COLUMNS: 0, LINES: 24 }, false), undefined);
});

test('sizes and names that make no sense do no harm', () => {
  assert.deepEqual(requestedTerminal({ TERM: 'a b;c', COLUMNS: 1e9, LINES: 24 }, false), {
    columns: 1000,
    rows: 24,
    term: 'xterm',
  });
});
