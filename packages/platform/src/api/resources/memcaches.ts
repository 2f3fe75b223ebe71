import { invalidParams, notFound } from '../../contract/platform-error.ts';
import { timestamp } from '../../contract/shapes/complete.ts';
import { created, ok } from '../answer.ts';
import type { Ability } from '../authorize-app.ts';
import type { CacheCredential, CacheServices } from '../cache-services.ts';
import { type Endpoint, param, type SignedInCall, signedIn } from '../endpoint.ts';
import { Fields } from '../fields.ts';
import { authorizeAddOn } from '../find-add-ons.ts';
import { requester } from '../requester.ts';
import type { Services } from '../services.ts';

type Uses = Pick<Services, 'db'> & { readonly caches: Pick<CacheServices, 'memcachier'> };

/** What MemCachier's own dashboard does for a cache (docs/api.md, "Caches"). */
export const memcacheEndpoints = ({ db, caches: { memcachier } }: Uses): Endpoint[] => {
  const find = async (call: SignedInCall, ability: Ability) => {
    const { addOn } = await authorizeAddOn(db, call.account, param(call, 'addon'), ability);
    if (addOn.service !== 'memcachier') throw notFound('memcache', `${addOn.name} is no cache.`);
    if (addOn.state !== 'provisioned') throw invalidParams(`${addOn.name} is not there yet; ask again soon.`);
    return addOn;
  };
  return [
    signedIn('GET', '/addons/:addon/memcache', async (call) => {
      const addOn = await find(call, 'view');
      const credentials = await memcachier.credentials(addOn);
      return ok({ credentials: credentials.map(shape), statistics: await memcachier.statistics(addOn) });
    }),
    signedIn('POST', '/addons/:addon/memcache/actions/flush', async (call) => {
      await memcachier.flush(await find(call, 'operate'));
      return ok({});
    }),
    signedIn('POST', '/addons/:addon/memcache/actions/rotate-credentials', async (call) => {
      await memcachier.rotate(await find(call, 'operate'), requester(call));
      return ok({});
    }),
    signedIn(
      'POST',
      '/addons/:addon/memcache/credentials',
      async (call) => {
        const addOn = await find(call, 'operate');
        const fields = new Fields(call.body);
        const canWrite = fields.flag('can_write') ?? false;
        const canFlush = fields.flag('can_flush') ?? false;
        const { username, password } = await memcachier.addCredential(addOn, { canWrite, canFlush });
        return created({ ...shape({ username, canWrite, canFlush }), password });
      },
      { secret: true },
    ),
    signedIn('DELETE', '/addons/:addon/memcache/credentials/:username', async (call) => {
      const addOn = await find(call, 'operate');
      const username = param(call, 'username');
      const all = await memcachier.credentials(addOn);
      const lasting = all.filter((one) => one.endsAtMs === undefined && one.canWrite);
      if (lasting.length === 1 && lasting[0]?.username === username) {
        throw invalidParams(`${username} is the credential of the config vars. Rotate it instead of removing it.`);
      }
      if (!(await memcachier.removeCredential(addOn, username))) throw notFound('credential');
      return ok({});
    }),
  ];
};

const shape = ({ username, canWrite, canFlush, endsAtMs }: CacheCredential) => ({
  can_flush: canFlush,
  can_write: canWrite,
  ends_at: endsAtMs === undefined ? null : timestamp(new Date(endsAtMs)),
  username,
});
