/** What happens to masters. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Clients } from '../clients.ts';
import { becomes, endAll, endMaster, isAlive, isAnswer, workersOf } from './running.ts';
import type { Served, Trial } from './trial.ts';

const connections = 32;
const loadMs = 1_500;
const orphanMs = 2_000;

/** What fails of a load while something is done. */
const underLoad = async ({ listen }: Served, act: () => Promise<boolean>): Promise<boolean | string> => {
  await using clients = new Clients(Number(listen), connections);
  await sleep(loadMs);
  const done = await act();
  await sleep(loadMs);
  if (!done) return false;
  const { failed } = clients;
  return failed === 0 || `**no**, ${failed} of ${clients.answered} fail`;
};

const leavesNone = async ({ master }: Served): Promise<boolean> => {
  const left = workersOf(master.pid);
  process.kill(master.pid, 'SIGKILL');
  const gone = await becomes(() => !left.some(isAlive), orphanMs);
  endAll(left);
  return gone;
};

export const masterTrials: readonly Trial[] = [
  {
    what: 'a reload under keep-alive load fails no request',
    wants: { threads: true },
    check: (served) =>
      underLoad(served, async () => {
        const { master } = served;
        const before = workersOf(master.pid);
        await master.reload();
        return await becomes(() => !workersOf(master.pid).some((pid) => before.includes(pid)));
      }),
  },
  {
    what: 'a reload whose new workers fail leaves the old ones serving',
    async check({ master, folder, get }) {
      const before = workersOf(master.pid).map(String);
      await writeFile(join(folder, 'fail'), '');
      await master.reload();
      await sleep(4_000);
      return before.includes(await get());
    },
  },
  {
    what: 'a new master takes over the sockets without a failed request',
    wants: { threads: true },
    check: async (served) => {
      const { master } = served;
      if (master.succeeds !== true) return undefined;
      const before = workersOf(master.pid);
      let successor = 0;
      const outcome = await underLoad(served, async () => {
        process.kill(master.pid, 'SIGUSR2');
        await becomes(() => {
          successor = workersOf(master.pid).find((pid) => !before.includes(pid) && workersOf(pid).length > 1) ?? 0;
          return successor > 0;
        });
        await sleep(loadMs);
        await master.stop();
        return await becomes(() => !before.some(isAlive) && successor > 0);
      });
      const answered = isAnswer(await served.get());
      endMaster(successor);
      return answered && outcome;
    },
  },
  {
    what: 'a stop lets a request of 3 s finish',
    async check({ master, get }) {
      const answer = get('/slow', 10_000);
      await sleep(500);
      await master.stop();
      return isAnswer(await answer);
    },
  },
  {
    what: 'meanwhile new connections are refused at once',
    async check({ master, get }) {
      const answer = get('/slow', 10_000);
      await sleep(500);
      const stopped = master.stop();
      await sleep(1_000);
      const second = await get();
      await stopped;
      return isAnswer(await answer) ? second === 'ECONNREFUSED' : undefined;
    },
  },
  { what: 'kill -9 of the master leaves no worker after 2 s', check: leavesNone },
  {
    what: 'nor one whose loop is stuck',
    async check(served) {
      await served.get('/spin', 500);
      return await leavesNone(served);
    },
  },
];
