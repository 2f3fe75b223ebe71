import { invalidParams, notFound } from '../../contract/platform-error.ts';
import { timestamp } from '../../contract/shapes/complete.ts';
import { addOnConfigContext } from '../../release/app-config.ts';
import type { AddOn } from '../../store/add-ons.ts';
import { viewAddOn } from '../add-on-view.ts';
import { ok } from '../answer.ts';
import type { Ability } from '../authorize-app.ts';
import type { CacheServices, KeyValueFacts, KeyValueSettings } from '../cache-services.ts';
import { type Endpoint, param, type SignedInCall, signedIn } from '../endpoint.ts';
import { Fields } from '../fields.ts';
import { authorizeAddOn } from '../find-add-ons.ts';
import { requester } from '../requester.ts';
import type { Services } from '../services.ts';
import { policies } from './key-value-settings.data.ts';

type Uses = Pick<Services, 'db' | 'keyring'> & { readonly caches: Pick<CacheServices, 'redis'> };

const root = '/redis/v0/databases/:database';
const megabyte = 1024 ** 2;
const longestTimeoutSeconds = 365 * 24 * 60 * 60;

/** The data API as `heroku redis:*` uses it. */
export const keyValueStoreEndpoints = ({ db, keyring, caches: { redis } }: Uses): Endpoint[] => {
  const find = async (call: SignedInCall, ability: Ability): Promise<AddOn> => {
    const { addOn } = await authorizeAddOn(db, call.account, param(call, 'database'), ability);
    if (addOn.service !== 'heroku-redis') throw notFound('add_on', `${addOn.name} is no key-value store.`);
    return addOn;
  };
  const ready = async (call: SignedInCall, ability: Ability): Promise<AddOn> => {
    const addOn = await find(call, ability);
    if (addOn.state === 'provisioned') return addOn;
    throw notFound('add_on', `${addOn.name} is not there yet; wait for it with heroku redis:wait.`);
  };
  const url = ({ id, sealedConfig }: AddOn): string => {
    const config = sealedConfig === null ? {} : keyring.openStrings(sealedConfig, addOnConfigContext(id));
    return config.TLS_URL ?? '';
  };

  return [
    signedIn(
      'GET',
      root,
      async (call) => {
        const addOn = await ready(call, 'view');
        const facts = await redis.facts(addOn);
        const { config_vars } = await viewAddOn(db, addOn);
        return ok({
          addon_id: addOn.id,
          name: addOn.name,
          plan: planName(addOn),
          created_at: timestamp(addOn.createdAt),
          config_vars,
          info: infoRows(addOn, facts),
          port: facts.port,
          prefer_native_tls: true,
          resource_url: url(addOn),
          version: facts.version,
        });
      },
      { secret: true },
    ),
    signedIn('GET', `${root}/wait`, async (call) => {
      const { state } = await find(call, 'view');
      return ok({ 'waiting?': state === 'provisioning', message: state === 'provisioning' ? 'creating' : 'available' });
    }),
    signedIn('GET', `${root}/config`, async (call) =>
      ok(configShape((await redis.facts(await ready(call, 'view'))).settings)),
    ),
    signedIn('PATCH', `${root}/config`, async (call) => {
      const addOn = await ready(call, 'operate');
      return ok(configShape(await redis.change(addOn, readChange(call.body))));
    }),
    signedIn('POST', `${root}/credentials_rotation`, async (call) => {
      await redis.rotate(await ready(call, 'operate'), requester(call));
      return ok({ message: 'Credentials have been reset.' });
    }),
    signedIn('POST', `${root}/stats/reset`, async (call) => {
      await redis.resetStatistics(await ready(call, 'operate'));
      return ok({ message: 'Statistics have been reset.' });
    }),
    signedIn('POST', `${root}/upgrade`, async (call) => {
      const { version } = await redis.facts(await ready(call, 'operate'));
      throw invalidParams(
        `version: key-value stores run the version that is installed on this machine, ${version}. Install another package and restart the platform (ravine down, ravine up).`,
      );
    }),
  ];
};

/** `mini`, without its service. */
const planName = ({ plan }: AddOn): string => plan.slice(plan.indexOf(':') + 1);

const infoRows = (addOn: AddOn, facts: KeyValueFacts) =>
  Object.entries({
    Plan: planName(addOn),
    Status: 'available',
    Created: timestamp(addOn.createdAt),
    Version: facts.version,
    Memory: `${(facts.usedBytes / megabyte).toFixed(1)} MB of ${(facts.maxBytes / megabyte).toFixed(0)} MB`,
    Connections: `${facts.connections}/${facts.connectionLimit}`,
    Keys: String(facts.keys),
    Timeout: String(facts.settings.timeout),
    Maxmemory: facts.settings.maxmemoryPolicy,
    'Keyspace Notifications': facts.settings.notifyKeyspaceEvents || 'Disabled',
    Persistence: 'AOF',
    'HA Status': 'Unavailable',
    'Requires TLS': 'No',
  }).map(([name, value]) => ({ name, values: [value] }));

const configShape = ({ timeout, maxmemoryPolicy, notifyKeyspaceEvents }: KeyValueSettings) => ({
  maxmemory_policy: { value: maxmemoryPolicy, values: policies },
  notify_keyspace_events: { value: notifyKeyspaceEvents },
  timeout: { value: timeout },
});

const readChange = (body: unknown): Partial<KeyValueSettings> => {
  const fields = new Fields(body);
  const timeout = fields.integer('timeout', 0, longestTimeoutSeconds);
  const policy = fields.text('maxmemory_policy');
  if (policy !== undefined && policies[policy] === undefined) {
    throw invalidParams(
      `maxmemory_policy: expected one of ${Object.keys(policies).join(', ')}; got ${JSON.stringify(policy)}.`,
    );
  }
  const events = fields.text('notify_keyspace_events');
  if (events !== undefined && !/^[KEg$lshztxemAdn]*$/.test(events)) {
    throw invalidParams(
      `notify_keyspace_events: expected letters of KEg$lshztxemA, or nothing to disable them; got ${JSON.stringify(events)}.`,
    );
  }
  return {
    ...(timeout !== undefined && { timeout }),
    ...(policy !== undefined && { maxmemoryPolicy: policy }),
    ...(events !== undefined && { notifyKeyspaceEvents: events }),
  };
};
