import type { PlanEntry, ServiceEntry } from './catalogue-entry.ts';
import { bucketeer } from './services/bucketeer.data.ts';
import { memcachier } from './services/memcachier.data.ts';
import { redis } from './services/redis.data.ts';
import { scheduler } from './services/scheduler.data.ts';

const gb = 1024 ** 3;
const plan = (name: string, humanName: string, connections: number, sizeGb: number): PlanEntry => ({
  name,
  humanName,
  connections,
  sizeBytes: sizeGb * gb,
});
const historic = (...of: Parameters<typeof plan>): PlanEntry => ({ ...plan(...of), historic: true });

/** Sizes and connection limits as in the Dev Center's "Choosing the Right Heroku Postgres Plan". */
export const services: readonly ServiceEntry[] = [
  {
    name: 'heroku-postgresql',
    humanName: 'Heroku Postgres',
    description: 'A PostgreSQL server of its own for each database.',
    namePrefix: 'postgresql',
    firstAttachment: 'DATABASE',
    attachmentPrefix: 'HEROKU_POSTGRESQL',
    configSuffixes: ['URL'],
    changesPlan: true,
    defaultPlan: 'essential-0',
    provisionMessage:
      'Database has been created and is available\n ! This database is empty. If upgrading, you can transfer\n ! data from another database with pg:copy',
    plans: [
      plan('essential-0', 'Essential 0', 20, 1),
      plan('essential-1', 'Essential 1', 20, 10),
      plan('essential-2', 'Essential 2', 40, 32),
      plan('standard-0', 'Standard 0', 120, 64),
      plan('standard-2', 'Standard 2', 400, 256),
      plan('standard-3', 'Standard 3', 500, 512),
      plan('standard-4', 'Standard 4', 500, 768),
      plan('premium-0', 'Premium 0', 120, 64),
      plan('premium-2', 'Premium 2', 400, 256),
      plan('premium-3', 'Premium 3', 500, 512),
      plan('premium-4', 'Premium 4', 500, 768),
      historic('hobby-dev', 'Hobby Dev', 20, 1),
      historic('hobby-basic', 'Hobby Basic', 20, 10),
      historic('dev', 'Dev', 20, 1),
      historic('mini', 'Mini', 20, 1),
      historic('basic', 'Basic', 20, 10),
    ],
  },
  bucketeer,
  memcachier,
  redis,
  scheduler,
];

/** Of further attachments: `HEROKU_POSTGRESQL_COPPER`. */
export const colors: readonly string[] = [
  'AMBER', 'AQUA', 'BLACK', 'BLUE', 'BRONZE', 'BROWN', 'CHARCOAL', 'COBALT', 'COPPER', 'CRIMSON', 'CYAN', 'GOLD', 'GRAY',
  'GREEN', 'INDIGO', 'IVORY', 'JADE', 'LIME', 'MAROON', 'MAUVE', 'NAVY', 'OLIVE', 'ONYX', 'ORANGE', 'PINK', 'PURPLE',
  'RED', 'ROSE', 'SILVER', 'TEAL', 'VIOLET', 'WHITE', 'YELLOW',
]; // biome-ignore format: a word list
