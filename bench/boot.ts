import { Machine } from '../e2e/harness/machine.ts';
import { quantile, type Result } from './result.ts';

const rounds = 7;

/** From the start of `ravine up` on a folder that has been used before, to the API's first answer. */
export const boot = async (): Promise<Result> => {
  await using machine = await Machine.make();
  await machine.start();
  const adopting: number[] = [];
  const cold: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    await machine.stop();
    adopting.push(await firstAnswer(machine));
    await machine.down();
    cold.push(await firstAnswer(machine));
  }
  const [firstMs, downMs] = [quantile(adopting, 0.5), quantile(cold, 0.5)];
  return {
    rows: [
      { what: 'first API answer, store running (after Ctrl-C)', value: firstMs, unit: 'ms', goal: 1500 },
      { what: 'first API answer, store stopped (after `ravine down`)', value: downMs, unit: 'ms', goal: 1500 },
    ],
    values: { first_answer_ms: firstMs, first_answer_after_down_ms: downMs },
    method: `Median of ${rounds} starts each, from spawn to the first HTTP answer of the API; asked every 2 ms.`,
  };
};

const firstAnswer = async (machine: Machine): Promise<number> => {
  const from = performance.now();
  const up = machine.start();
  await machine.apiAnswers();
  const tookMs = performance.now() - from;
  await up;
  return tookMs;
};
