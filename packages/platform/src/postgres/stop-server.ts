import { setTimeout as sleep } from 'node:timers/promises';
import { clearRemains, findServer, isServerOf, kill } from './postmaster.ts';

/** Stops the server of a data folder, whoever started it, by ever harder signals; no-op when none runs. */
export const stopServer = async (dataFolder: string, graceMs = 10_000): Promise<void> => {
  const steps = [
    ['SIGINT', graceMs], // fast shutdown: transactions are rolled back, a checkpoint is written
    ['SIGQUIT', 5_000], // immediate: recovers at the next start
    ['SIGKILL', 60_000],
  ] as const;
  const pid = await findServer(dataFolder);
  for (const [signal, waitMs] of pid === undefined ? [] : steps) {
    kill(pid as number, signal); // Not undefined: the list would be empty.
    if (await hasEnded(pid as number, dataFolder, waitMs)) break;
  }
  await clearRemains(dataFolder);
};

const hasEnded = async (pid: number, dataFolder: string, waitMs: number): Promise<boolean> => {
  const until = performance.now() + waitMs;
  while (await isServerOf(pid, dataFolder)) {
    if (performance.now() > until) return false;
    await sleep(10);
  }
  return true;
};
