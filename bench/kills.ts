import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Result } from './result.ts';

const seconds = 30;
const stories = ['e2e/kill.test.ts', 'e2e/deploy-under-load.test.ts'];

/** The kill and deploy tests with loads of 30 s; each must pass, and says how many visits there were. */
export const kills = async (): Promise<Result> => {
  const child = spawn(process.execPath, ['--test', '--test-concurrency=1', '--test-reporter=tap', ...stories], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, RAVINE_LOAD_SECONDS: String(seconds) },
  });
  let visits = 0;
  let failed = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    process.stdout.write(`${line}\n`);
    visits += Number(/^ *# (\d+) visits/.exec(line)?.[1] ?? 0);
    if (/^ *not ok /.test(line)) failed += 1;
  }
  if (child.exitCode === null) await once(child, 'exit');
  process.exitCode = failed === 0 ? 0 : 1;
  return {
    rows: [
      { what: 'visits', value: visits, unit: '' },
      { what: 'tests that failed', value: failed, unit: '', goal: 0 },
    ],
    values: { visits, failed_tests: failed, seconds_each: seconds },
    method: `Constant load of 200 visits a second, ${seconds} s at least for each test; a test allows no failed visit but those that were under way at what was killed.`,
  };
};
