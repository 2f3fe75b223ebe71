import { chooseDyno } from './choose-dyno.ts';
import type { Exchange } from './exchange.ts';
import { answerChallenge, checkServerName, findApp, honourMaintenance } from './find-app.ts';
import { forward } from './forward.ts';
import { type LoadLimits, limitLoad } from './limit-load.ts';
import type { RouteTable } from './route-table.ts';
import type { Timeouts } from './timeouts.ts';
import { failed, type Verdict } from './verdict.ts';

type Stage = (exchange: Exchange) => Verdict | Promise<Verdict>;

export interface Stages {
  /** Takes an exchange through all stages; what they end with goes to `finish`, at once or later. */
  follow(exchange: Exchange): void;
}

/** The way of every request, in order; each stage either goes on or ends it, and `forward` may ask for another dyno. */
export const stagesOf = (
  table: RouteTable,
  timeouts: Timeouts,
  limits: LoadLimits,
  finish: (exchange: Exchange, verdict: Verdict) => void,
  onFault: (fault: unknown) => void,
): Stages => {
  const choose = chooseDyno(table, timeouts);
  const stages: readonly Stage[] = [
    answerChallenge(table),
    findApp(table),
    checkServerName(table),
    honourMaintenance,
    limitLoad(table, limits),
    choose,
    forward(table, timeouts),
  ];
  const chooseAt = stages.indexOf(choose);

  const fail = (exchange: Exchange, fault: unknown): void => {
    onFault(fault);
    finish(exchange, failed('H99'));
  };

  const goOn = (exchange: Exchange, first: number): void => {
    try {
      for (let at = first; at < stages.length; at++) {
        const result = stages[at]?.(exchange) ?? failed('H99');
        if (result instanceof Promise) {
          result.then(
            (verdict) => (verdict.kind === 'next' ? goOn(exchange, at + 1) : finish(exchange, verdict)),
            (fault: unknown) => fail(exchange, fault),
          );
          return;
        }
        if (result.kind === 'under way') return;
        if (result.kind !== 'next') {
          finish(exchange, result);
          return;
        }
      }
    } catch (fault) {
      fail(exchange, fault);
    }
  };

  return {
    follow(exchange) {
      exchange.settle = (verdict) => {
        if (verdict.kind === 'another dyno') goOn(exchange, chooseAt);
        else finish(exchange, verdict);
      };
      goOn(exchange, 0);
    },
  };
};
