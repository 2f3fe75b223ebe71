import type { AddOnId } from '../domain/ids.ts';
import { addOnConfigContext, credentialContext } from '../release/app-config.ts';
import type { Actor, Releases } from '../release/releases.ts';
import type { Keyring } from '../secrets/keyring.ts';
import { accounts } from '../store/accounts.ts';
import { type AddOn, addOns } from '../store/add-ons.ts';
import { apps } from '../store/apps.ts';
import { credentials } from '../store/credentials.ts';
import type { Database } from '../store/database.ts';

interface Uses {
  readonly db: Database;
  readonly keyring: Keyring;
  readonly releases: Pick<Releases, 'reconfigured' | 'credentialChanged'>;
}

/** Who answers for what the platform does with an add-on by itself. */
export const ownerOf = async (db: Database, { appId }: Pick<AddOn, 'appId'>): Promise<Actor> => {
  const owner = await accounts.byId(db, await apps.ownerOf(db, appId));
  if (owner === undefined) throw new Error(`app ${appId} has no owner`);
  return { id: owner.id, email: owner.email };
};

/** A leader's address, at its follower: names and passwords are the same in both. */
export const addressAt = (address: string, port: unknown): string => {
  const url = new URL(address);
  url.port = String(port);
  return url.href;
};

/**
 * Gives a follower the passwords and the credentials that its leader has; they are in its database already, or about to
 * come. To be called after each change of theirs, and whenever a change may have been missed.
 */
export const alignFollower = async (
  { db, keyring, releases }: Uses,
  followerId: AddOnId,
  leaderId: AddOnId,
): Promise<void> => {
  const [leader, follower] = [await addOns.byId(db, leaderId), await addOns.byId(db, followerId)];
  if (leader?.state !== 'provisioned' || follower?.state !== 'provisioned') return;
  const open = (sealed: Buffer | null | undefined, context: string): string | undefined =>
    sealed == null ? undefined : keyring.openStrings(sealed, context).URL;
  const by = await ownerOf(db, follower);
  const address = open(leader.sealedConfig, addOnConfigContext(leader.id));
  if (address === undefined) return;
  const { port } = follower.resource;
  const config = { URL: addressAt(address, port) };
  if (open(follower.sealedConfig, addOnConfigContext(follower.id)) !== config.URL) {
    await releases.reconfigured(follower.id, by, { config, resource: follower.resource });
  }
  const own = new Map((await credentials.ofAddOn(db, follower.id)).map((one) => [one.name, one]));
  for (const { name, sealedConfig } of await credentials.ofAddOn(db, leader.id)) {
    const wanted = addressAt(open(sealedConfig, credentialContext(leader.id, name)) ?? '', port);
    if (open(own.get(name)?.sealedConfig, credentialContext(follower.id, name)) !== wanted) {
      await releases.credentialChanged(follower.id, by, { name, state: 'active', config: { URL: wanted } });
    }
    own.delete(name);
  }
  for (const credential of own.values()) await credentials.remove(db, credential);
};
