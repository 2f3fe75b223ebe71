import type { PlanEntry, ServiceEntry } from '../catalogue-entry.ts';

const mb = 1024 ** 2;
const plan = (name: string, humanName: string, megabytes: number): PlanEntry => ({
  name,
  humanName,
  connections: 0,
  sizeBytes: megabytes * mb,
});

/** Plans as in the Dev Center's "MemCachier", up to what fits one machine. */
export const memcachier: ServiceEntry = {
  name: 'memcachier',
  humanName: 'MemCachier',
  description: 'A cache that speaks memcached, with its memory and credentials to itself.',
  namePrefix: 'memcachier',
  firstAttachment: 'MEMCACHIER',
  attachmentPrefix: 'MEMCACHIER',
  configSuffixes: ['SERVERS', 'USERNAME', 'PASSWORD'],
  changesPlan: true,
  defaultPlan: 'dev',
  provisionMessage: 'Cache has been created and is available',
  plans: [
    plan('dev', 'Developer', 25),
    plan('100', '100 MB', 100),
    plan('250', '250 MB', 250),
    plan('500', '500 MB', 500),
    plan('1000', '1 GB', 1000),
    plan('2500', '2.5 GB', 2500),
    plan('5000', '5 GB', 5000),
  ],
};
