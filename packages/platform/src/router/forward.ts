import { Attempt } from './attempt.ts';
import type { Clock } from './clock.ts';
import type { Exchange } from './exchange.ts';
import type { RouteTable } from './route-table.ts';
import type { Timeouts } from './timeouts.ts';
import { failed, underWay, type Verdict } from './verdict.ts';

/** Sends a request to the dyno chosen for it and passes the answer on. */
export const forward = (table: RouteTable, timeouts: Timeouts, clock: Clock) => {
  const surroundings = { table, timeouts, clock };
  return (exchange: Exchange): Verdict => {
    const { head, target } = exchange;
    if (!head || !target) return failed('H99');
    const attempt = new Attempt(exchange, head, target, surroundings);
    exchange.worker = attempt;
    attempt.start();
    return underWay;
  };
};
