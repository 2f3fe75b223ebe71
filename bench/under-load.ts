import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Result } from './result.ts';

export interface UnderLoad {
  /** Visits a second. */
  readonly rate: number;
  /** How long each load lasts at least. */
  readonly seconds: number;
  /** Deploys, scalings and restarts, so many of each. */
  readonly times: number;
}

/** Runs stories of e2e/ with a load of this size; each must pass, and says how many visits there were. */
const tell = async (story: string, { rate, seconds, times }: UnderLoad): Promise<Result> => {
  const child = spawn(process.execPath, ['--test', '--test-reporter=tap', story], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      RAVINE_LOAD_RATE: String(rate),
      RAVINE_LOAD_SECONDS: String(seconds),
      RAVINE_LOAD_TIMES: String(times),
    },
  });
  let visits = 0;
  let failedVisits = 0;
  let failedTests = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    process.stdout.write(`${line}\n`);
    const [, sent = 0, failed = 0] = /^ *# (\d+) visits(?:, (\d+) failed)?/.exec(line) ?? [];
    visits += Number(sent);
    failedVisits += Number(failed);
    if (/^ *not ok /.test(line)) failedTests += 1;
  }
  if (child.exitCode === null) await once(child, 'exit');
  process.exitCode = failedTests === 0 && child.exitCode === 0 ? 0 : 1;
  return {
    rows: [
      { what: 'visits', value: visits, unit: '' },
      { what: 'visits that failed', value: failedVisits, unit: '' },
      { what: 'tests that failed', value: failedTests, unit: '', goal: 0 },
    ],
    values: { visits, failed_visits: failedVisits, failed_tests: failedTests, per_second: rate },
    method: `Constant load of ${rate} visits a second over kept connections, ${seconds} s at least for each test.`,
  };
};

/** kill -9 of each part of the platform: no visit may fail but those that were under way at what was killed. */
export const kills = (load: UnderLoad): Promise<Result> => tell('e2e/kill.test.ts', load);

/** Deploys, scalings and restarts: no visit may fail. */
export const deploys = (load: UnderLoad): Promise<Result> => tell('e2e/deploy-under-load.test.ts', load);
