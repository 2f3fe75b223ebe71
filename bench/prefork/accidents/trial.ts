import { setTimeout as sleep } from 'node:timers/promises';
import type { Start } from './contenders.ts';
import { ask, becomes, isAnswer, type Running, type Wanted } from './running.ts';

const settleMs = 2_000;

/** True and false, or what happened instead; undefined: it has no such thing. */
export type Outcome = boolean | string | undefined;

/** A master that serves, and where. */
export interface Served {
  readonly master: Running;
  readonly listen: number | string;
  readonly folder: string;
  get(path?: string, limitMs?: number): Promise<string>;
}

export interface Trial {
  readonly what: string;
  readonly wants?: Partial<Wanted>;
  check(served: Served): Promise<Outcome>;
}

/** Starts a contender and tries it. @throws Error with its output when it doesn't serve at all */
export const tryOut = async (start: Start, trial: Trial, wanted: Wanted): Promise<Outcome> => {
  const master = await start({ ...wanted, ...trial.wants });
  if (master === undefined) return undefined;
  await using _ended = master;
  const { listen, folder } = wanted;
  const get = (path?: string, limitMs?: number): Promise<string> => ask(listen, path, limitMs);
  if (!(await becomes(async () => isAnswer(await get()), 20_000)))
    throw new Error(`it does not serve:\n${master.output()}`);
  // The first answer comes before all workers are ready, and a start in which one dies is another matter.
  await sleep(settleMs);
  return await trial.check({ master, listen, folder, get });
};
