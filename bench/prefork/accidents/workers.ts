/** What happens to workers. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { becomes, isAlive, isAnswer, workers, workersOf } from './running.ts';
import type { Trial } from './trial.ts';

const bootMs = 1_500;

export const workerTrials: readonly Trial[] = [
  {
    what: 'a worker killed with -9 is replaced',
    async check({ master, get }) {
      const pid = Number(await get());
      process.kill(pid, 'SIGKILL');
      const replaced = await becomes(() => !isAlive(pid) && workersOf(master.pid).length === workers);
      return replaced && (/KILL|signal 9/.test(master.output()) ? 'yes, and the log names the signal' : true);
    },
  },
  {
    what: 'a worker whose loop is stuck for 2 s is replaced',
    wants: { timeoutSeconds: 2 },
    async check({ master, get }) {
      const before = workersOf(master.pid);
      await get('/spin', 500);
      const replaced = await becomes(
        () => !before.every(isAlive) && workersOf(master.pid).filter(isAlive).length === workers,
      );
      return replaced && (/in spin/.test(master.output()) ? 'yes, and the log names the line' : true);
    },
  },
  {
    what: 'a request that takes longer than 1 s gets an answer that says so',
    wants: { requestSeconds: 1 },
    async check({ get }) {
      const got = await get('/slow', 8_000);
      return got === 'status 503' || (!isAnswer(got) && '**no**, its worker is killed');
    },
  },
  {
    what: 'a worker is replaced after N requests',
    wants: { workers: 1, maxRequests: 20 },
    async check({ get }) {
      const first = await get();
      return await becomes(async () => {
        const now = await get();
        return isAnswer(now) && now !== first;
      });
    },
  },
  {
    what: 'then the next one is ready before it stops',
    wants: { workers: 1, maxRequests: 20, bootMs },
    async check({ get }) {
      const first = await get();
      let longestMs = 0;
      const changed = await becomes(async () => {
        const startMs = performance.now();
        const now = await get('/', 2 * bootMs);
        longestMs = Math.max(longestMs, performance.now() - startMs);
        return isAnswer(now) && now !== first;
      });
      return changed && longestMs < bootMs / 2;
    },
  },
  {
    what: 'a worker is replaced when it takes too much memory',
    wants: { maxMegabytes: 200 },
    async check({ get, master }) {
      const pid = Number(await get('/eat', 5_000));
      return await becomes(() => !isAlive(pid) && workersOf(master.pid).length === workers);
    },
  },
  {
    what: 'one worker more, without a restart',
    async check({ master }) {
      const before = workersOf(master.pid);
      await master.addWorker();
      return await becomes(() => workersOf(master.pid).length === workers + 1 && before.every(isAlive));
    },
  },
  {
    what: 'a command lists the workers',
    async check({ master, get }) {
      return master.list && (await master.list()).includes(await get());
    },
  },
  {
    what: 'writes an access log',
    async check({ master, folder, get }) {
      await get('/logged');
      const text = (): Promise<string> => readFile(join(folder, 'access.log'), 'utf8').catch(() => '');
      return await becomes(async () => (await text()).includes('/logged') || master.output().includes('/logged'));
    },
    wants: { accessLog: '-' },
  },
  {
    what: 'requests are answered while the master stands still',
    async check({ master, get }) {
      process.kill(master.pid, 'SIGSTOP');
      await sleep(200);
      const answers = await Promise.all(Array.from({ length: 10 }, () => get()));
      process.kill(master.pid, 'SIGCONT');
      return answers.every(isAnswer);
    },
  },
];
