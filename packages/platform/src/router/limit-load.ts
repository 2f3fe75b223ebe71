import type { Exchange } from './exchange.ts';
import { failed, next, type Verdict } from './verdict.ts';

/** What one app may have under way on one router. @see Dev Center "HTTP Routing", "Request concurrency" */
export interface LoadLimits {
  /** Requests for each web dyno; more are turned away at once (H11). */
  readonly requestsPerDyno: number;
  /** Client connections that carry a request or a tunnel (H22). */
  readonly connectionsPerApp: number;
}

/**
 * Heroku allows 200 for each dyno on each of its routers, of which there are many; here a few workers carry everything,
 * and a pause of a second in a dyno that serves 2,000 requests a second must not turn anybody away.
 */
export const defaultLoadLimits: LoadLimits = { requestsPerDyno: 2_000, connectionsPerApp: 10_000 };

/** Turns requests away that could only wait: an app that is too slow must not use up the router. */
export const limitLoad =
  ({ requestsPerDyno, connectionsPerApp }: LoadLimits) =>
  (exchange: Exchange): Verdict => {
    const { route } = exchange;
    if (!route) return next;
    const { load, targets } = route;
    if (load.requests >= requestsPerDyno * Math.max(1, targets.length)) return failed('H11');
    if (load.connections >= connectionsPerApp) return failed('H22');
    load.requests++;
    load.connections++;
    exchange.load = load;
    return next;
  };

/** Ends what `limitLoad` began. */
export const releaseLoad = (exchange: Exchange): void => {
  const { load } = exchange;
  if (!load) return;
  exchange.load = undefined;
  if (exchange.status !== 101) load.requests--;
  load.connections--;
};
