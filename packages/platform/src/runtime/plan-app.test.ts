import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AppId, DynoId, ReleaseId } from '../domain/ids.ts';
import { planApp } from './plan-app.ts';
import type { DesiredApp, DynoRow } from './ports.ts';

const nowMs = 1_000_000;
const appId = 'app' as AppId;
const releaseId = (version: number): ReleaseId => `v${version}` as ReleaseId;

const app = (version: number, formation: Readonly<Record<string, number>> = { web: 1 }): DesiredApp => ({
  id: appId,
  uid: 1,
  release: { id: releaseId(version), version },
  processTypes: { web: 'serve', worker: 'work' },
  formation: Object.entries(formation).map(([type, quantity]) => ({ type, quantity, size: 'Basic' })),
});

const row = (id: string, version: number, change: Partial<DynoRow> = {}): DynoRow => ({
  id: id as DynoId,
  appId,
  releaseId: releaseId(version),
  releaseVersion: version,
  kind: 'formation',
  type: 'web',
  ordinal: 1,
  size: 'Basic',
  command: 'serve',
  state: 'up',
  attached: false,
  crashCount: 0,
  host: '127.0.0.1',
  port: 5000,
  ...change,
});

/** The plan in ids: created slots, forgotten rows, stopped rows, routed dynos. */
const inShort = (desired: DesiredApp | undefined, rows: readonly DynoRow[]) => {
  const { create, forget, stop, route } = planApp(desired, rows, nowMs);
  return {
    create: create.map(({ type, ordinal }) => `${type}.${ordinal}`),
    forget: forget.map(({ id }) => id),
    stop: stop.map(({ id }) => id),
    state: route?.state,
    routed: route?.dynos.map(({ id }) => id),
  };
};
const nothing = { create: [], forget: [], stop: [] };

test('an app without code is blank, one without web dynos idle, one whose dynos start booting', () => {
  assert.equal(inShort({ ...app(1), processTypes: {} }, []).state, 'blank');
  assert.equal(inShort(app(1, { web: 0 }), []).state, 'idle');
  assert.deepEqual(inShort(app(1, { web: 2 }), []), {
    ...nothing,
    create: ['web.1', 'web.2'],
    state: 'booting',
    routed: [],
  });
});

test('traffic moves when every new web dyno has come up or crashed and one is up, not before', () => {
  const old = [row('a', 1), row('b', 1, { ordinal: 2 })];
  const fresh = (state: DynoRow['state']) => row('d', 2, { ordinal: 2, state, nextStartAtMs: nowMs + 1 });
  const booting = inShort(app(2, { web: 2 }), [...old, row('c', 2), fresh('starting')]);
  assert.deepEqual(booting, { ...nothing, state: 'up', routed: ['a', 'b'] });
  for (const state of ['up', 'crashed'] as const) {
    const { stop, routed } = inShort(app(2, { web: 2 }), [...old, row('c', 2), fresh(state)]);
    assert.deepEqual(stop, ['a', 'b']);
    assert.deepEqual(routed, state === 'up' ? ['c', 'd'] : ['c']);
  }
});

test('old dynos serve on while all new ones crash, and two releases never serve side by side', () => {
  const crashed = row('c', 3, { state: 'crashed', nextStartAtMs: nowMs + 1 });
  assert.deepEqual(inShort(app(3), [row('a', 1), crashed]), { ...nothing, state: 'up', routed: ['a'] });
  const between = inShort(app(3), [row('a', 1), row('b', 2), crashed]);
  assert.deepEqual(between, { ...nothing, stop: ['b'], state: 'up', routed: ['a'] });
});

test('a new dyno that never served is stopped at once when a newer release comes', () => {
  const plan = inShort(app(3), [row('a', 1), row('b', 2, { state: 'starting' })]);
  assert.deepEqual(plan, { ...nothing, create: ['web.1'], stop: ['b'], state: 'up', routed: ['a'] });
});

test('a restart moves slot by slot, and the old one goes when its successor is up', () => {
  const old = row('a', 1, { retire: 'restart' });
  const other = row('b', 1, { ordinal: 2 });
  const two = app(1, { web: 2 });
  assert.deepEqual(inShort(two, [old, other]).create, ['web.1']);
  assert.deepEqual(inShort(two, [old, other, row('c', 1, { state: 'starting' })]).routed, ['a', 'b']);
  assert.deepEqual(inShort(two, [old, other, row('c', 1)]), {
    ...nothing,
    stop: ['a'],
    state: 'up',
    routed: ['b', 'c'],
  });
});

test('a stopped dyno is replaced only after it has ended', () => {
  const stopped = row('a', 1, { retire: 'stop' });
  assert.deepEqual(inShort(app(1), [stopped]), { ...nothing, stop: ['a'], state: 'booting', routed: [] });
  assert.deepEqual(inShort(app(1), [{ ...stopped, state: 'stopping' }]).create, []);
  assert.deepEqual(inShort(app(1), []).create, ['web.1']);
});

test('a crashed dyno waits for its time, and a restart by hand does not', () => {
  const crashed = (change: Partial<DynoRow>) => row('a', 1, { state: 'crashed', crashCount: 3, ...change });
  assert.deepEqual(inShort(app(1), [crashed({ nextStartAtMs: nowMs + 1 })]), {
    ...nothing,
    state: 'crashed',
    routed: [],
  });
  const due = planApp(app(1), [crashed({ nextStartAtMs: nowMs })], nowMs);
  assert.deepEqual([due.create[0]?.crashCount, due.forget.length], [3, 1]);
  const byHand = planApp(app(1), [crashed({ nextStartAtMs: nowMs + 1, retire: 'restart' })], nowMs);
  assert.deepEqual([byHand.create[0]?.crashCount, byHand.forget.length], [0, 1]);
});

test('another size replaces a dyno, a smaller formation stops the last, a removed type all', () => {
  const resized = { ...app(1), formation: [{ type: 'web', quantity: 1, size: 'Standard-2X' }] };
  assert.deepEqual(inShort(resized, [row('a', 1)]).create, ['web.1']);
  assert.deepEqual(inShort(app(1), [row('a', 1), row('b', 1, { ordinal: 2 })]).stop, ['b']);
  assert.deepEqual(inShort(app(1), [row('a', 1), row('w', 1, { type: 'worker' })]).stop, ['w']);
});

test('a worker of a new release takes over as soon as it is up', () => {
  const old = row('a', 1, { type: 'worker' });
  const one = app(2, { worker: 1 });
  assert.deepEqual(inShort(one, [old, row('b', 2, { type: 'worker', state: 'starting' })]).stop, []);
  assert.deepEqual(inShort(one, [old, row('b', 2, { type: 'worker' })]).stop, ['a']);
});

test('a deleted app stops everything and has no route', () => {
  const plan = inShort(undefined, [row('a', 1), row('b', 1, { state: 'crashed' })]);
  assert.deepEqual(plan, { ...nothing, stop: ['a'], forget: ['b'], state: undefined, routed: undefined });
});
