import { Attempt } from './attempt.ts';
import { type Exchange, failed, type Verdict } from './exchange.ts';
import type { RouteTable } from './route-table.ts';
import type { Timeouts } from './timeouts.ts';

/**
 * Sends a request to the dyno chosen for it and passes the answer on. `closing` makes answers end their connection.
 */
export const forward =
  (table: RouteTable, timeouts: Timeouts, closing: () => boolean) =>
  (exchange: Exchange): Verdict | Promise<Verdict> => {
    const { target } = exchange;
    if (!target) return failed('H99');
    try {
      return new Attempt(exchange, target, table, timeouts, closing).verdict;
    } catch {
      // Node refuses to write what its parser let through, such as control characters in the path.
      target.abandonProbe();
      table.release(target);
      return failed('H26', 'client', 'bad header');
    }
  };
