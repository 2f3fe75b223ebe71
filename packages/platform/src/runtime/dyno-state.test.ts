import assert from 'node:assert/strict';
import { test } from 'node:test';
import { coolDownMs, crashForgottenMs, type DynoEvent, type DynoState, transition } from './dyno-state.ts';

const exited = (change: Partial<Extract<DynoEvent, { kind: 'exited' }>> = {}): DynoEvent => ({
  kind: 'exited',
  atMs: 1_000_000,
  ranMs: 0,
  oneOff: false,
  random: 0.5,
  ...change,
});

test('a crashed dyno is restarted once at once, then with growing cool-downs of at most 20 minutes', () => {
  const seconds = Array.from({ length: 10 }, (_, index) => coolDownMs(index + 1, 0.5) / 1000);
  assert.deepEqual(seconds, [0, 10, 20, 40, 80, 160, 320, 640, 1200, 1200]);
  assert.equal(coolDownMs(1000, 0.5), 1_200_000);
});

test('cool-downs vary by a tenth, so that dynos do not come back in step', () => {
  assert.equal(coolDownMs(2, 0), 9000);
  assert.ok(coolDownMs(2, 0.999) <= 11_000);
});

test('crashes in a row are counted until the dyno has run for a while', () => {
  const state: DynoState = { kind: 'up', crashCount: 4 };
  assert.deepEqual(transition(state, exited()), { kind: 'crashed', crashCount: 5, nextStartAtMs: 1_080_000 });
  assert.deepEqual(transition(state, exited({ ranMs: crashForgottenMs })), {
    kind: 'crashed',
    crashCount: 1,
    nextStartAtMs: 1_000_000,
  });
});

test('what is stopped, lost or done is gone, and never crashed', () => {
  const starting: DynoState = { kind: 'starting', crashCount: 0 };
  assert.deepEqual(transition(transition(starting, { kind: 'retired' }), exited()), { kind: 'gone' });
  assert.deepEqual(transition(starting, { kind: 'lost' }), { kind: 'gone' });
  assert.deepEqual(transition(starting, exited({ oneOff: true })), { kind: 'gone' });
  assert.deepEqual(transition({ kind: 'gone' }, { kind: 'ready' }), { kind: 'gone' });
});

test('a dyno that is being stopped does not come up any more', () => {
  assert.deepEqual(transition({ kind: 'stopping' }, { kind: 'ready' }), { kind: 'stopping' });
  assert.deepEqual(transition({ kind: 'starting', crashCount: 2 }, { kind: 'ready' }), { kind: 'up', crashCount: 2 });
});
