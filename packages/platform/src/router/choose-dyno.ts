import type { DynoTarget } from './dyno-target.ts';
import type { Exchange } from './exchange.ts';
import type { AppRoute, RouteTable } from './route-table.ts';
import { dynoOfSession } from './session-affinity.ts';
import type { Timeouts } from './timeouts.ts';
import { failed, next, type Verdict } from './verdict.ts';

/** After this many dynos have refused a request, it fails though further ones might be up. */
const mostRefusals = 10;

/** Of several that are equally busy any one: the first alone would carry all of an app's light traffic. */
const leastBusy = (targets: readonly DynoTarget[]): DynoTarget | undefined => {
  const [only] = targets;
  if (targets.length === 1 && only) return only.isQuarantined() ? undefined : only;
  let best: DynoTarget | undefined;
  const first = Math.floor(Math.random() * targets.length);
  for (let i = 0; i < targets.length; i++) {
    const target = targets[(first + i) % targets.length];
    if (!target || target.isQuarantined()) continue;
    if (!best || target.load < best.load) best = target;
  }
  return best;
};

/** The quarantined dyno whose turn to be probed comes first. */
const firstToProbe = (targets: readonly DynoTarget[]): DynoTarget | undefined => {
  let best: DynoTarget | undefined;
  for (const target of targets) if (!best || target.probeAtMs < best.probeAtMs) best = target;
  return best;
};

interface Wait {
  readonly kind: 'wait';
  readonly ms: number;
  /** Why the request fails when the waiting has lasted too long. */
  readonly otherwise: 'H20' | 'H34';
}

/**
 * Gives a request the dyno with the fewest requests in flight. While an app boots, and while all its dynos refuse,
 * the request waits for a change.
 */
export const chooseDyno = (table: RouteTable, timeouts: Timeouts) => {
  const claim = (exchange: Exchange, target: DynoTarget): Verdict => {
    exchange.target = target;
    target.requests++;
    return next;
  };

  const chooseUp = (exchange: Exchange, { app, targets }: AppRoute): Verdict | Wait => {
    if (exchange.refusals >= mostRefusals) return failed(exchange.lastRefusal);
    const same = app.sessionAffinity ? dynoOfSession(exchange, targets) : undefined;
    const free = same && !same.isQuarantined() ? same : leastBusy(targets);
    if (free) return claim(exchange, free);
    const nowMs = performance.now();
    const suspect = firstToProbe(targets);
    if (suspect && suspect.probeAtMs <= nowMs) {
      suspect.startProbe();
      return claim(exchange, suspect);
    }
    const ms = Math.min((suspect?.probeAtMs ?? nowMs) - nowMs, 1_000);
    return { kind: 'wait', ms: Math.max(ms, 1), otherwise: 'H34' };
  };

  const look = (exchange: Exchange): Verdict | Wait => {
    const route = exchange.route && table.current(exchange.route);
    if (!route) return { kind: 'nowhere' };
    exchange.route = route;
    exchange.app = route.app;
    switch (route.app.state) {
      case 'blank':
        return failed('H81');
      case 'idle':
        return failed('H14');
      case 'crashed':
        return failed('H10');
      case 'booting':
        return { kind: 'wait', ms: timeouts.bootMs, otherwise: 'H20' };
      case 'up':
        return route.targets.length > 0
          ? chooseUp(exchange, route)
          : { kind: 'wait', ms: timeouts.bootMs, otherwise: 'H20' };
    }
  };

  const waitForOne = async (exchange: Exchange, first: Wait): Promise<Verdict> => {
    let found: Verdict | Wait = first;
    while (found.kind === 'wait') {
      const waitedMs = Date.now() - exchange.startedAtMs;
      const leftMs = (found.otherwise === 'H20' ? timeouts.bootMs : timeouts.refusedMs) - waitedMs;
      if (leftMs <= 0) return failed(found.otherwise);
      await table.changed(Math.min(found.ms, leftMs), exchange.gone);
      if (exchange.clientGone) return failed('H27', 'client');
      found = look(exchange);
    }
    return found;
  };

  return (exchange: Exchange): Verdict | Promise<Verdict> => {
    if (exchange.clientGone) return failed('H27', 'client');
    const found = look(exchange);
    return found.kind === 'wait' ? waitForOne(exchange, found) : found;
  };
};
