import { findPlan } from '../../addons/catalogue.ts';
import { timestamp } from '../../contract/shapes/complete.ts';
import { type AddOn, addOns } from '../../store/add-ons.ts';
import { planOf } from '../add-on-view.ts';
import { ok } from '../answer.ts';
import { type Endpoint, onApp, param, signedIn } from '../endpoint.ts';
import { authorizeAddOn } from '../find-add-ons.ts';
import type { DatabaseFacts, Services } from '../services.ts';

type Uses = Pick<Services, 'db' | 'databases' | 'storage'> & {
  readonly caches: Pick<Services['caches'], 'redis' | 'memcachier'>;
};

/** What an add-on holds now; a service without a number has none of it. */
interface Facts {
  readonly version?: string;
  readonly size?: number;
  readonly connections?: number;
  readonly connection_limit?: number;
  /** `tables`, `keys`, `items`, `objects` and what else is counted. */
  readonly counts?: Readonly<Record<string, number>>;
  readonly bucket?: string;
  readonly backups?: ReturnType<typeof backupShape>;
}

/** How full an add-on is, and how its backups are (docs/api.md, "Add-ons"). */
export const addOnFactEndpoints = (services: Uses): Endpoint[] => [
  signedIn('GET', '/addons/:addon/facts', async (call) => {
    const { addOn } = await authorizeAddOn(services.db, call.account, param(call, 'addon'), 'view');
    const found = addOn.state === 'provisioned' ? await ask(services, addOn) : undefined;
    return ok({
      service: addOn.service,
      plan: planOf(addOn).fullName,
      available: found !== undefined,
      problem: addOn.failureReason,
      version: null,
      size: null,
      size_limit: findPlan(planOf(addOn).fullName)?.sizeBytes || null,
      connections: null,
      connection_limit: null,
      counts: {},
      bucket: null,
      backups: null,
      ...found,
    });
  }),
  // What `heroku usage:addons` asks for. Nothing is billed by it: it is how much each has at this moment.
  onApp('GET', '/apps/:app/usage', 'view', async (call) => {
    const all = (await addOns.ofApp(services.db, call.app.id)).filter(({ state }) => state === 'provisioned');
    const used = await Promise.all(all.map(async (addOn) => ({ id: addOn.id, ...(await ask(services, addOn)) })));
    return ok({ id: call.app.id, name: call.app.name, addons: used.map(meters).filter((one) => one !== undefined) });
  }),
];

/** Undefined for one of which nothing is counted, or that can't be asked now. */
const meters = ({ id, size, connections, counts }: Facts & Pick<AddOn, 'id'>) => {
  const found = { bytes: size, connections, ...counts };
  const known = Object.entries(found).flatMap(([name, quantity]) =>
    quantity === undefined ? [] : [[name, { quantity }] as const],
  );
  return known.length === 0 ? undefined : { id, meters: Object.fromEntries(known) };
};

/** Undefined when its server doesn't answer now, which is what whoever looks wants to know. */
const ask = async (services: Uses, addOn: AddOn): Promise<Facts | undefined> => {
  const read = readers[addOn.service];
  return read === undefined ? {} : read(services, addOn).catch(() => undefined);
};

const readers: Readonly<Record<string, (services: Uses, addOn: AddOn) => Promise<Facts | undefined>>> = {
  async 'heroku-postgresql'({ databases }, addOn) {
    const facts = await databases.facts(addOn);
    const { info } = facts;
    const backups = backupShape(facts);
    if (info === undefined) return undefined;
    return {
      version: info.version,
      size: info.sizeBytes,
      connections: info.connections,
      connection_limit: info.connectionLimit,
      counts: { tables: info.tables },
      backups,
    };
  },
  async 'heroku-redis'({ caches }, addOn) {
    const { version, usedBytes, connections, connectionLimit, keys } = await caches.redis.facts(addOn);
    return { version, size: usedBytes, connections, connection_limit: connectionLimit, counts: { keys } };
  },
  async memcachier({ caches }, addOn) {
    const told = await caches.memcachier.statistics(addOn);
    const number = (name: string): number => Number(told[name] ?? 0);
    return {
      version: String(told.version ?? ''),
      size: number('bytes'),
      connections: number('curr_connections'),
      counts: {
        items: number('curr_items'),
        hits: number('get_hits'),
        misses: number('get_misses'),
        evictions: number('evictions'),
      },
    };
  },
  async bucketeer({ storage }, addOn) {
    const usage = await storage.usage(addOn);
    if (usage === undefined) return undefined;
    return { size: usage.bytes, counts: { objects: usage.objects }, bucket: String(addOn.resource.bucket ?? '') };
  },
};

const backupShape = ({ backups: { since, lastBase, trouble, drill } }: DatabaseFacts) => ({
  since: since === undefined ? null : timestamp(since),
  last_base:
    lastBase === undefined
      ? null
      : { finished_at: timestamp(new Date(lastBase.finishedAtMs)), size: lastBase.storedBytes },
  trouble,
  drill:
    drill === undefined
      ? null
      : { succeeded: drill.succeeded, finished_at: timestamp(new Date(drill.finishedAtMs)), detail: drill.detail },
});
