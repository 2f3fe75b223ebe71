import assert from 'node:assert/strict';
import { test } from 'node:test';
import { membersOf, type ProcessEntry, parsePsLine, readProcess } from './process-table.ts';

test('a process is named by its pid and start, and a pid without a process by nothing', () => {
  assert.equal(readProcess(process.pid)?.started, readProcess(process.pid)?.started);
  assert.equal(readProcess(process.pid)?.parent, process.ppid);
  assert.equal(readProcess(2 ** 30), undefined);
});

test('a line of ps is understood, and a zombie is no process', () => {
  assert.deepEqual(parsePsLine('  812     1   812  4096 Ss   Mon Nov 23 12:42:11 2026'), {
    pid: 812,
    parent: 1,
    group: 812,
    session: 812,
    started: 'Mon Nov 23 12:42:11 2026',
    residentBytes: 4096 * 1024,
  });
  assert.equal(parsePsLine('  813   812   812     0 Z    Mon Nov 23 12:42:11 2026'), undefined);
});

test('children that left the session still belong to the dyno, and strangers under a reused pid do not', () => {
  const entry = (pid: number, parent: number, session: number): ProcessEntry => ({
    pid,
    parent,
    session,
    group: session,
    started: '1',
    residentBytes: 0,
  });
  const table = [entry(10, 2, 10), entry(11, 10, 10), entry(12, 11, 12), entry(13, 12, 13), entry(20, 2, 20)];
  const membership = { leader: 10, leaderAlive: true, home: '/nowhere', known: [] };
  assert.deepEqual(
    membersOf(table, membership).map(({ pid }) => pid),
    [10, 11, 12, 13],
  );
  assert.deepEqual(membersOf(table, { ...membership, leaderAlive: false }), []);
});
