import { Cron } from 'croner';

/** When a job runs, as its user says it. */
export interface Schedule {
  readonly frequency: 'every-10-minutes' | 'hourly' | 'daily' | 'cron';
  /** Of hourly the minute, `30`; of daily the time of day, `13:30`; of cron the expression of five fields; else empty. */
  readonly at: string;
  /** `UTC`, `Europe/Berlin`. */
  readonly timeZone: string;
}

/** Most often that anything may run, as on Heroku for the classic frequencies; a cron expression may name each minute. */
const fields = 5;

/** The schedule as a cron expression of five fields. @returns undefined when `at` doesn't fit the frequency. */
const expressionOf = ({ frequency, at }: Schedule): string | undefined => {
  if (frequency === 'every-10-minutes') return at === '' ? '*/10 * * * *' : undefined;
  if (frequency === 'hourly') return /^:?[0-5]?\d$/.test(at) ? `${Number(at.replace(':', ''))} * * * *` : undefined;
  if (frequency === 'daily') {
    const time = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(at);
    return time === null ? undefined : `${Number(time[2])} ${Number(time[1])} * * *`;
  }
  return at.trim().split(/\s+/).length === fields ? at : undefined;
};

/** Why a schedule can't be kept, in the terms of the fields it came in, or undefined when it can. */
export const scheduleProblem = (schedule: Schedule): string | undefined => {
  const expected = {
    'every-10-minutes': 'at: expected nothing with every-10-minutes',
    hourly: 'at: expected the minute of the hour, such as "30"',
    daily: 'at: expected the time of day, such as "13:30"',
    cron: 'at: expected a cron expression of five fields, such as "15 6 * * 1-5"',
  }[schedule.frequency];
  const expression = expressionOf(schedule);
  if (expression === undefined) return `${expected}; got ${JSON.stringify(schedule.at)}.`;
  try {
    new Intl.DateTimeFormat('en', { timeZone: schedule.timeZone });
  } catch {
    return `time_zone: expected a name such as UTC or Europe/Berlin; got ${JSON.stringify(schedule.timeZone)}.`;
  }
  try {
    if (nextRun(schedule, new Date()) !== undefined) return undefined;
    return `at: ${JSON.stringify(schedule.at)} names a time that never comes.`;
  } catch {
    return `${expected}; got ${JSON.stringify(schedule.at)}.`;
  }
};

/** The first time after `after`; undefined when there is none. @throws when the schedule makes no sense. */
export const nextRun = (schedule: Schedule, after: Date): Date | undefined =>
  new Cron(expressionOf(schedule) ?? '', { timezone: schedule.timeZone, paused: true }).nextRun(after) ?? undefined;
