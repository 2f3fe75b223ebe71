/**
 * The life of one run of a dyno.
 * - starting: entered when its row is made; left when the process is ready (web: accepts on PORT), exits, is lost or is retired
 * - up: entered when ready; left when it exits, is lost or is retired
 * - stopping: entered when retired while it runs; left when it exits or is lost
 * - crashed: entered when a formation's dyno exits by itself; left when it is retired or its cool-down is over (both: gone)
 * - gone: the end; a slot that is still wanted gets another run
 */
export type DynoState =
  | { readonly kind: 'starting'; readonly crashCount: number }
  | { readonly kind: 'up'; readonly crashCount: number }
  | { readonly kind: 'stopping' }
  | { readonly kind: 'crashed'; readonly crashCount: number; readonly nextStartAtMs: number }
  | { readonly kind: 'gone' };

export type DynoEvent =
  | { readonly kind: 'ready' }
  | { readonly kind: 'retired' }
  /** It ended by itself or by a signal. `oneOff` dynos complete, others crash. `random` is from [0, 1). */
  | {
      readonly kind: 'exited';
      readonly atMs: number;
      readonly ranMs: number;
      readonly oneOff: boolean;
      readonly random: number;
    }
  /** Its process is gone without a word: the machine went down, or someone removed it. Not the app's fault. */
  | { readonly kind: 'lost' };

const secondMs = 1000;
/** After the first crash a dyno restarts at once, then after these, doubling, up to the cap (Dev Center, "Dyno Restarts"). */
const firstCoolDownMs = 10 * secondMs;
const longestCoolDownMs = 20 * 60 * secondMs;
/** Cool-downs vary by this share, so that the dynos of an app don't come back in step. */
const jitterShare = 0.1;
/** A dyno that ran this long starts counting its crashes anew. */
export const crashForgottenMs = 5 * 60 * secondMs;

/** Time between the crash number `count` in a row (from 1) and the restart. `random` is from [0, 1). */
export const coolDownMs = (count: number, random: number): number => {
  if (count <= 1) return 0;
  const base = Math.min(longestCoolDownMs, firstCoolDownMs * 2 ** (count - 2));
  return Math.round(base * (1 - jitterShare + 2 * jitterShare * random));
};

const crash = (before: number, event: Extract<DynoEvent, { kind: 'exited' }>): DynoState => {
  const crashCount = event.ranMs >= crashForgottenMs ? 1 : before + 1;
  return { kind: 'crashed', crashCount, nextStartAtMs: event.atMs + coolDownMs(crashCount, event.random) };
};

/** The state after an event; an event that means nothing to a state leaves it as it is. */
export const transition = (state: DynoState, event: DynoEvent): DynoState => {
  switch (state.kind) {
    case 'starting':
    case 'up':
      if (event.kind === 'ready') return { kind: 'up', crashCount: state.crashCount };
      if (event.kind === 'retired') return { kind: 'stopping' };
      if (event.kind === 'lost' || event.oneOff) return { kind: 'gone' };
      return crash(state.crashCount, event);
    case 'stopping':
      return event.kind === 'exited' || event.kind === 'lost' ? { kind: 'gone' } : state;
    case 'crashed':
      return event.kind === 'retired' ? { kind: 'gone' } : state;
    case 'gone':
      return state;
  }
};
