import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Calm } from './calm.ts';

const never = new AbortController().signal;

test('it is calm at once where nobody has waited for anything', async () => {
  await new Calm({ quietMs: 3_600_000, mostMs: 3_600_000 }).comes(never);
});

test('it is calm some time after the last thing that somebody waited for has ended, however it ended', async () => {
  const calm = new Calm({ quietMs: 1, mostMs: 3_600_000 });
  const { promise, reject } = Promise.withResolvers<void>();
  const work = calm.disturb(() => promise);
  let came = false;
  const coming = calm.comes(never).then(() => {
    came = true;
  });
  const other = calm.disturb(async () => undefined);
  await other;
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(came, false);
  reject(new Error('no'));
  await assert.rejects(work, /no/);
  await coming;
});

test('what waits for calm goes on in any case after its time, and ends when it is told to', async () => {
  const calm = new Calm({ quietMs: 3_600_000, mostMs: 20 });
  await calm.disturb(async () => undefined);
  await calm.comes(never);
  const patient = new Calm({ quietMs: 3_600_000, mostMs: 3_600_000 });
  await patient.disturb(async () => undefined);
  const closing = new AbortController();
  const coming = patient.comes(closing.signal);
  closing.abort();
  await assert.rejects(coming, { name: 'AbortError' });
});
