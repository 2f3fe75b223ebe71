import { setTimeout as sleep } from 'node:timers/promises';
import type { Driver } from './driver.ts';

const pollMs = 10;

/** Ends every dyno with the signal, behind the reconciler's back; resolves when none runs. For tests. */
export const endDynos = async (driver: Driver, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
  const running = async () => (await driver.list()).filter(({ state }) => state.kind === 'running');
  for (const { id } of await running()) await driver.kill(id, signal);
  while ((await running()).length > 0) await sleep(pollMs);
};

/** Leaves a driver empty. For tests. */
export const clearDynos = async (driver: Driver): Promise<void> => {
  await endDynos(driver, 'SIGKILL');
  for (const { id } of await driver.list()) await driver.remove(id);
};
