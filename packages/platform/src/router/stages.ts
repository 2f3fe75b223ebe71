import { chooseDyno } from './choose-dyno.ts';
import type { Clock } from './clock.ts';
import type { Exchange, Settler } from './exchange.ts';
import { answerChallenge, checkServerName, findApp, honourMaintenance } from './find-app.ts';
import { forward } from './forward.ts';
import { type LoadLimits, limitLoad } from './limit-load.ts';
import type { RouteTable } from './route-table.ts';
import type { Timeouts } from './timeouts.ts';
import { failed, next, type Verdict } from './verdict.ts';

type Stage = (exchange: Exchange) => Verdict | Promise<Verdict>;

export interface Stages {
  /** Takes an exchange through all stages; what they end with goes to `finish`, at once or later. */
  follow(exchange: Exchange): void;
}

export interface StageOptions {
  readonly table: RouteTable;
  readonly timeouts: Timeouts;
  readonly limits: LoadLimits;
  readonly clock: Clock;
  readonly finish: (exchange: Exchange, verdict: Verdict) => void;
  readonly onFault: (fault: unknown) => void;
}

/** The way of every request, in order; each stage either goes on or ends it, and `forward` may ask for another dyno. */
export const stagesOf = ({ table, timeouts, limits, clock, finish, onFault }: StageOptions): Stages => {
  const choose = chooseDyno(table, timeouts);
  const stages: readonly Stage[] = [
    answerChallenge(table),
    findApp(table),
    checkServerName(table),
    honourMaintenance,
    limitLoad(limits),
    choose,
    forward(table, timeouts, clock),
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
        if (result === next) continue;
        if (result instanceof Promise) {
          result.then(
            (verdict) => (verdict.kind === 'next' ? goOn(exchange, at + 1) : finish(exchange, verdict)),
            (fault: unknown) => fail(exchange, fault),
          );
          return;
        }
        if (result.kind === 'under way') return;
        finish(exchange, result);
        return;
      }
    } catch (fault) {
      fail(exchange, fault);
    }
  };

  const settler: Settler = {
    settle(exchange, verdict) {
      if (verdict.kind === 'another dyno') goOn(exchange, chooseAt);
      else finish(exchange, verdict);
    },
  };
  return {
    follow(exchange) {
      exchange.settler = settler;
      goOn(exchange, 0);
    },
  };
};
