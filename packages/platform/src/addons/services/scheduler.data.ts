import type { ServiceEntry } from '../catalogue-entry.ts';

/** Dev Center "Heroku Scheduler". */
export const scheduler: ServiceEntry = {
  name: 'heroku-scheduler',
  humanName: 'Heroku Scheduler',
  description: 'Runs commands of an app at their times, in one-off dynos.',
  namePrefix: 'scheduler',
  firstAttachment: 'SCHEDULER',
  attachmentPrefix: 'SCHEDULER',
  configSuffixes: [],
  changesPlan: false,
  defaultPlan: 'standard',
  provisionMessage:
    'Scheduler has been created and is available\n ! Add jobs in the dashboard or with: ravine scheduler add',
  plans: [{ name: 'standard', humanName: 'Standard', connections: 0, sizeBytes: 0 }],
};
