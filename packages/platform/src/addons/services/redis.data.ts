import type { PlanEntry, ServiceEntry } from '../catalogue-entry.ts';

const mb = 1024 ** 2;
const plan = (name: string, humanName: string, megabytes: number, connections: number): PlanEntry => ({
  name,
  humanName,
  connections,
  sizeBytes: megabytes * mb,
});
const historic = (...of: Parameters<typeof plan>): PlanEntry => ({ ...plan(...of), historic: true });

/** Memory and connection limits as in the Dev Center's "Heroku Key-Value Store". */
export const redis: ServiceEntry = {
  name: 'heroku-redis',
  humanName: 'Heroku Key-Value Store',
  description: 'A Redis or Valkey server of its own for each database.',
  namePrefix: 'redis',
  firstAttachment: 'REDIS',
  attachmentPrefix: 'HEROKU_REDIS',
  configSuffixes: ['URL', 'TLS_URL'],
  changesPlan: true,
  defaultPlan: 'mini',
  provisionMessage: 'Key-value store has been created and is available',
  plans: [
    plan('mini', 'Mini', 25, 20),
    plan('premium-0', 'Premium 0', 50, 40),
    plan('premium-1', 'Premium 1', 100, 80),
    plan('premium-2', 'Premium 2', 250, 200),
    plan('premium-3', 'Premium 3', 500, 400),
    plan('premium-5', 'Premium 5', 1024, 1000),
    plan('premium-7', 'Premium 7', 7 * 1024, 10_000),
    historic('hobby-dev', 'Hobby Dev', 25, 20),
  ],
};
