import { Cron } from 'croner';

/**
 * The next time that it is this hour in a time zone.
 * @throws RangeError when there is no such time zone.
 */
export const nextDaily = (hour: number, timezone: string, after: Date): Date => {
  new Intl.DateTimeFormat('en', { timeZone: timezone });
  const next = new Cron(`0 ${hour} * * *`, { timezone, paused: true }).nextRun(after);
  if (next === null) throw new RangeError(`It is never ${hour}:00 in ${timezone}.`);
  return next;
};
