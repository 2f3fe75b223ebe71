import { chooseDyno } from './choose-dyno.ts';
import { type Exchange, failed, type Verdict } from './exchange.ts';
import { findApp, honourMaintenance } from './find-app.ts';
import { forward } from './forward.ts';
import type { RouteTable } from './route-table.ts';
import type { Timeouts } from './timeouts.ts';

type Stage = (exchange: Exchange) => Verdict | Promise<Verdict>;

/** The way of every request, in order; each stage either goes on or ends it, and `forward` may ask for another dyno. */
export const stagesOf = (table: RouteTable, timeouts: Timeouts, closing: () => boolean) => {
  const choose = chooseDyno(table, timeouts);
  const stages: readonly Stage[] = [
    findApp(table), //
    honourMaintenance,
    choose,
    forward(table, timeouts, closing),
  ];

  /** Takes one exchange through the stages to the verdict it ends with. */
  return async (exchange: Exchange): Promise<Verdict> => {
    for (let at = 0; at < stages.length; at++) {
      const result = stages[at]?.(exchange) ?? failed('H99');
      const verdict = result instanceof Promise ? await result : result;
      if (verdict.kind === 'another dyno') at = stages.indexOf(choose) - 1;
      else if (verdict.kind !== 'next') return verdict;
    }
    return failed('H99');
  };
};
