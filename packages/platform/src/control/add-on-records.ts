import type { AddOnRecord, AddOnRecords } from '../addons/ports.ts';
import type { Resource } from '../addons/provider.ts';
import type { AddOnId } from '../domain/ids.ts';
import type { Releases } from '../release/releases.ts';
import type { Keyring } from '../secrets/keyring.ts';
import { addOns } from '../store/add-ons.ts';
import { attachments } from '../store/attachments.ts';
import { credentials } from '../store/credentials.ts';
import type { Database } from '../store/database.ts';
import { alignFollower, ownerOf } from './follower-config.ts';

/** The add-on reconciler's rows, kept in the store; config vars go through releases. */
export const addOnRecords = (db: Database, releases: Releases, keyring: Keyring): AddOnRecords => ({
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
    await releases.provisioned(id, await ownerOf(db, addOn), made);
    // Its password is its leader's as it is after this, whenever that changes.
    const leader = addOn.options.follow as AddOnId | undefined; // checked when it was asked for
    if (leader !== undefined) await alignFollower({ db, keyring, releases }, id, leader);
  },

  async abandoned(id, failureReason) {
    await db.transaction().execute(async (tx) => {
      await addOns.move(tx, id, 'provisioning', { state: 'deprovisioning', failureReason });
      for (const attachment of await attachments.ofAddOn(tx, id)) await attachments.remove(tx, attachment.id);
    });
  },

  async deprovisioned(id) {
    await addOns.move(db, id, 'deprovisioning', { state: 'deprovisioned', resource: {}, sealedConfig: null });
    await credentials.removeAll(db, id);
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
