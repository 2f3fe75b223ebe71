import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DomainId } from '../domain/ids.ts';
import { backOffMs, dueAt, renewalAt } from './next-attempt.ts';

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const minuteMs = 60_000;
const start = new Date('2026-01-01T00:00:00Z');
const after = (days: number): Date => new Date(start.getTime() + days * dayMs);

test('a certificate is renewed 30 days before its end, a short-lived one in the last third of its life', () => {
  assert.deepEqual(renewalAt({ startsAt: start, expiresAt: after(90) }), after(60));
  assert.deepEqual(renewalAt({ startsAt: start, expiresAt: after(365) }), after(335));
  assert.deepEqual(renewalAt({ startsAt: start, expiresAt: after(6) }), after(4));
});

test('a domain is due at once without a certificate, and after a failure when its wait is over', () => {
  const domain = { id: 'x' as DomainId, hostname: 'www.example.com' };
  const certificate = { startsAt: start, expiresAt: after(90) };
  assert.deepEqual(dueAt({ ...domain, certificate: undefined, order: undefined }), new Date(0));
  assert.deepEqual(dueAt({ ...domain, certificate, order: undefined }), after(60));
  const order = { failures: 2, nextAttemptAt: after(61) };
  assert.deepEqual(dueAt({ ...domain, certificate, order }), after(61));
});

test('the wait grows with each failure, up to a day; fewer than five attempts fall into any hour', () => {
  const middle = (): number => 0.5;
  const waits = [1, 2, 3, 4, 5, 6, 7, 50].map((failures) => backOffMs('domain', failures, middle));
  assert.deepEqual(waits, [minuteMs, 5 * minuteMs, 15 * minuteMs, hourMs, 6 * hourMs, dayMs, dayMs, dayMs]);
});

test('a name without an address is looked at again within ten minutes, an authority that is away within five', () => {
  assert.equal(
    backOffMs('dns', 20, () => 0.5),
    10 * minuteMs,
  );
  assert.equal(
    backOffMs('authority', 0, () => 0.5),
    5 * minuteMs,
  );
});

test('waits are spread by a fifth', () => {
  assert.equal(
    backOffMs('domain', 4, () => 0),
    54 * minuteMs,
  );
  assert.equal(
    backOffMs('domain', 4, () => 1),
    66 * minuteMs,
  );
});
