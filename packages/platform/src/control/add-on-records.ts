import type { AddOnRecord, AddOnRecords } from '../addons/ports.ts';
import type { Resource } from '../addons/provider.ts';
import type { AppId } from '../domain/ids.ts';
import type { Actor, Releases } from '../release/releases.ts';
import { accounts } from '../store/accounts.ts';
import { addOns } from '../store/add-ons.ts';
import { apps } from '../store/apps.ts';
import { attachments } from '../store/attachments.ts';
import type { Database } from '../store/database.ts';

/** The add-on reconciler's rows, kept in the store; config vars go through releases. */
export const addOnRecords = (db: Database, releases: Releases): AddOnRecords => ({
  live: async () =>
    (await addOns.live(db)).flatMap(
      ({ id, name, service, plan, state, resource, options, failureReason }): AddOnRecord[] =>
        state === 'deprovisioned'
          ? []
          : [{ id, name, service, plan, state, resource: resource as Resource, options, failureReason }], // providers write Resources only
    ),

  async provisioned(id, made) {
    const addOn = await addOns.byId(db, id);
    if (addOn === undefined) return;
    await releases.provisioned(id, await ownerOf(db, addOn.appId), made);
  },

  async abandoned(id, failureReason) {
    await db.transaction().execute(async (tx) => {
      await addOns.move(tx, id, 'provisioning', { state: 'deprovisioning', failureReason });
      for (const attachment of await attachments.ofAddOn(tx, id)) await attachments.remove(tx, attachment.id);
    });
  },

  async deprovisioned(id) {
    await addOns.move(db, id, 'deprovisioning', { state: 'deprovisioned', resource: {}, sealedConfig: null });
  },

  async noteFailure(id, failureReason) {
    await addOns.update(db, id, { failureReason });
  },
});

/** Ports on localhost where add-ons listen. */
export const addOnPorts = async (db: Database): Promise<readonly number[]> =>
  (await addOns.live(db)).flatMap(({ state, resource }) => {
    const ports = [resource.port, resource.tlsPort].filter((port) => typeof port === 'number');
    return state === 'provisioned' ? ports : [];
  });

const ownerOf = async (db: Database, appId: AppId): Promise<Actor> => {
  const owner = await accounts.byId(db, await apps.ownerOf(db, appId));
  if (owner === undefined) throw new Error(`app ${appId} has no owner`);
  return { id: owner.id, email: owner.email };
};
