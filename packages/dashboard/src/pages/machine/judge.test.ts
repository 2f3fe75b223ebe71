import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judgeCertificate, judgeDatabase, judgeDisk, judgeEngine, judgeRouter } from './judge.ts';
import type { MachineCertificate, MachineDatabase, MachineReport } from './report.ts';

const now = Date.parse('2026-11-23T12:00:00Z');
const inDays = (days: number): string => new Date(now + days * 86_400_000).toISOString();

// Cast: each judge reads one part of the report.
const report = (part: Partial<MachineReport>): MachineReport => part as MachineReport;

test('a disk is good, then worth a look, then bad as it fills', () => {
  const tones = [50, 14, 4, 0].map((available) => judgeDisk(report({ disk: { available, total: 100 } })).tone);
  assert.deepEqual(tones, ['good', 'warn', 'bad', 'bad']);
});

test('a missing engine is bad only where all dynos need one', () => {
  const engine = { answers: false, text: 'none' };
  assert.equal(judgeEngine(report({ engine, driver: 'process' })).tone, 'warn');
  assert.equal(judgeEngine(report({ engine, driver: 'docker' })).tone, 'bad');
  assert.equal(judgeEngine(report({ engine: { answers: true, text: 'Docker' }, driver: 'docker' })).tone, 'good');
});

test('one missing router worker is worth a look, none there is bad', () => {
  const tones = [2, 1, 0].map((connected) => judgeRouter(report({ router: { workers: 2, connected } })).tone);
  assert.deepEqual(tones, ['good', 'warn', 'bad']);
});

test('a certificate is good until it should have been renewed, or could not be', () => {
  const certificate: MachineCertificate = {
    app: { name: 'shop' },
    domains: ['shop.example'],
    acm: true,
    expires_at: inDays(60),
    problem: null,
  };
  assert.deepEqual(judgeCertificate(certificate, now), { tone: 'good' });
  assert.equal(judgeCertificate({ ...certificate, problem: 'no answer' }, now).tone, 'warn');
  assert.equal(judgeCertificate({ ...certificate, expires_at: inDays(10) }, now).advice, 'adviceAcm');
  const own = { ...certificate, acm: false, expires_at: inDays(-1) };
  assert.deepEqual(judgeCertificate(own, now), { tone: 'bad', advice: 'adviceCertificate' });
});

test('a database is good when its newest backup is of these days and could be restored', () => {
  const drill = { succeeded: true, finished_at: inDays(0), detail: '' };
  const database: MachineDatabase = {
    app: { name: 'shop' },
    addon: { name: 'postgresql-flat-1' },
    backed_up_at: inDays(-1),
    restorable_since: inDays(-2),
    trouble: null,
    drill,
  };
  assert.equal(judgeDatabase(database, now).tone, 'good');
  assert.equal(judgeDatabase({ ...database, backed_up_at: null, drill: null }, now).advice, 'adviceFirstBackup');
  assert.equal(judgeDatabase({ ...database, backed_up_at: inDays(-3) }, now).tone, 'warn');
  assert.equal(judgeDatabase({ ...database, trouble: 'no space' }, now).tone, 'bad');
  assert.equal(judgeDatabase({ ...database, drill: { ...drill, succeeded: false } }, now).advice, 'adviceDrill');
});
