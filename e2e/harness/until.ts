import { setTimeout as sleep } from 'node:timers/promises';

const askEveryMs = 50;

/** Resolves when something holds that nobody tells of; it is asked for again and again. */
export const until = async (holds: () => Promise<boolean>): Promise<void> => {
  while (!(await holds())) await sleep(askEveryMs);
};
