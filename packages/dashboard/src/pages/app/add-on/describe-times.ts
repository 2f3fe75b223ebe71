import type { Frequency, Job } from '../../../api/add-on-shapes.ts';
import type { MessageKey } from '../../../language/en.data.ts';

export const frequencies: Readonly<Record<Frequency, MessageKey>> = {
  'every-10-minutes': 'frequencyTenMinutes',
  hourly: 'frequencyHourly',
  daily: 'frequencyDaily',
  cron: 'frequencyCron',
};

/** When a job runs: `Every day 13:30 (Europe/Paris)`, `Every hour :30`. */
export const describeTimes = (
  { frequency, at, time_zone: zone }: Pick<Job, 'frequency' | 'at' | 'time_zone'>,
  t: (key: MessageKey) => string,
): string => {
  const often = t(frequencies[frequency]);
  if (frequency === 'every-10-minutes') return often;
  if (frequency === 'hourly') return `${often} :${at.padStart(2, '0')}`;
  return `${often} ${at} (${zone})`;
};
