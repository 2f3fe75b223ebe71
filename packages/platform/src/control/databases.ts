import { setTimeout as sleep } from 'node:timers/promises';
import { planOfRecord } from '../addons/catalogue.ts';
import type { Resource } from '../addons/provider.ts';
import type { PostgresProvider } from '../addons/providers/postgres.ts';
import {
  disconnectUsers,
  type RunningDatabase,
  resetContent,
  resetStatistics,
  roleSettings,
  setPassword,
  setRoleSetting,
} from '../addons/providers/postgres-content.ts';
import type { Databases } from '../api/services.ts';
import { invalidParams, serviceUnavailable } from '../contract/platform-error.ts';
import type { DataFolder } from '../domain/data-folder.ts';
import type { AddOnId } from '../domain/ids.ts';
import { oneAtATimeEach } from '../postgres/backup/one-at-a-time.ts';
import { ClusterError } from '../postgres/cluster-error.ts';
import { addOnConfigContext } from '../release/app-config.ts';
import type { Actor, Releases } from '../release/releases.ts';
import type { Keyring } from '../secrets/keyring.ts';
import { type AddOn, addOns } from '../store/add-ons.ts';
import type { Database } from '../store/database.ts';
import { CredentialsOfDatabases, newPassword } from './database-credentials.ts';
import { Transfers } from './transfers.ts';

export interface DatabasesParts {
  readonly db: Database;
  readonly keyring: Keyring;
  readonly releases: Releases;
  readonly provider: PostgresProvider;
  readonly data: DataFolder;
  readonly onFault: (error: unknown) => void;
}

/** Heroku Postgres beyond making and running databases: what the data API asks for, and the transfers. */
export const openDatabases = (parts: DatabasesParts): Databases & AsyncDisposable => {
  const { db, keyring, provider, releases, data, onFault } = parts;
  const running = (addOn: AddOn): RunningDatabase => {
    try {
      return provider.running(addOn.id, addOn.resource as Resource); // providers write Resources only
    } catch (cause) {
      throw serviceUnavailable(`${addOn.name} is not running now; ask again soon.`, 5, cause);
    }
  };
  const url = (addOn: AddOn): string => {
    if (addOn.sealedConfig === null) throw serviceUnavailable(`${addOn.name} is not there yet; ask again soon.`, 5);
    return keyring.openStrings(addOn.sealedConfig, addOnConfigContext(addOn.id)).URL ?? '';
  };
  const password = (addOn: AddOn): string => new URL(url(addOn)).password;
  const transfers = new Transfers({
    db,
    keyring,
    folder: data.backups,
    target: (addOn) => ({ running: running(addOn), password: password(addOn) }),
    onFault,
  });

  const credentials = new CredentialsOfDatabases({ db, keyring, releases, provider, running, url });
  /** Rotations of one database, also those that are finished for a killed process. */
  const inTurn = oneAtATimeEach<AddOnId>();
  const stopListening = provider.onChange((id) => {
    inTurn(id, () => finishRotation(parts, id))
      .then(() => credentials.finish(id))
      .catch(onFault);
  });

  const rotate = async (given: AddOn, by: Actor): Promise<void> => {
    // The one that was given may be from before another rotation.
    const found = await addOns.byId(db, given.id);
    if (found?.state !== 'provisioned') throw serviceUnavailable(`${given.name} is not there; ask again soon.`, 5);
    const { rotating: _, ...resource } = found.resource;
    const addOn = { ...found, resource };
    const next = new URL(url(addOn));
    next.password = newPassword();
    // As databases of an older Ravine have it, which the client takes for one of its own.
    if (next.hostname === 'localhost') next.hostname = '127.0.0.1';
    const target = running(addOn);
    // Noted first: a rotation that is killed between the two is finished at the next start.
    const noted = { config: { URL: next.href }, resource: { ...resource, rotating: true } };
    await releases.reconfigured(addOn.id, by, noted);
    await setPassword(target, next.password);
    await addOns.update(db, addOn.id, { resource });
    await disconnectUsers(target);
    await credentials.alignFollowers(addOn);
  };

  return {
    async facts(addOn) {
      const resource = addOn.resource as Resource; // providers write Resources only
      const [info, backups, following] = await Promise.all([
        provider.info(addOn.id, resource).catch(() => undefined),
        provider.backupFacts(addOn.id),
        provider.following(addOn.id),
      ]);
      return { info, backups, commitsBehind: following?.commitsBehind };
    },
    async leaderOf(addOn) {
      const leader = await provider.leaderOf(addOn.id);
      if (leader === undefined) return undefined;
      const row = await addOns.byId(db, leader);
      return {
        name: row?.name ?? 'a-database-that-is-gone',
        url: row?.state === 'provisioned' ? url(row) : undefined,
      };
    },
    async followersOf(addOn) {
      const ids = await provider.followersOf(addOn.id);
      const rows = await Promise.all(ids.map((id) => addOns.byId(db, id)));
      return rows.flatMap((row) => (row?.state === 'provisioned' || row?.state === 'provisioning' ? [row] : []));
    },
    async unfollow(addOn) {
      running(addOn);
      await credentials.finish(addOn.id);
      await provider.unfollow(addOn.id);
      const done = AbortSignal.timeout(unfollowMs);
      while (!provider.isRunning(addOn.id) && !done.aborted) await sleep(20);
    },
    olderVersion: (addOn) => provider.olderVersion(addOn.id),
    async upgrade(addOn) {
      const { id, resource } = addOn;
      await provider.upgrade(id, resource as Resource, planOfRecord(addOn)).catch((error: Error) => {
        throw invalidParams(error.message);
      }); // providers write Resources only
    },
    upgradeState: (addOn) => provider.upgradeState(addOn.id),
    credentials,
    reset: (addOn, extensions) =>
      transfers.apart(addOn.id, () =>
        resetContent(running(addOn), extensions).catch((error: unknown) => {
          throw error instanceof ClusterError ? invalidParams(error.message) : error;
        }),
      ),
    rotate: (addOn, by) => inTurn(addOn.id, () => rotate(addOn, by)),
    disconnect: async (addOn) => void (await disconnectUsers(running(addOn))),
    resetStatistics: (addOn) => resetStatistics(running(addOn)),
    settings: (addOn) => roleSettings(running(addOn)),
    change: (addOn, setting, value) => setRoleSetting(running(addOn), setting, value),
    url,
    nudge: () => transfers.nudge(),
    cancel: (id) => transfers.cancel(id),
    file: (id) => data.backup(id),
    async [Symbol.asyncDispose]() {
      stopListening();
      await transfers[Symbol.asyncDispose]();
    },
  };
};

/** How long an answer waits for a database that has ceased to follow; it is there a moment later. */
const unfollowMs = 10_000;

/** Finishes a rotation that a killed process has left half-way, when the database is up. */
const finishRotation = async (
  { db, provider, keyring }: Pick<DatabasesParts, 'db' | 'provider' | 'keyring'>,
  id: AddOnId,
): Promise<void> => {
  const addOn = await addOns.byId(db, id);
  if (addOn?.resource.rotating !== true || addOn.sealedConfig === null) return;
  const { URL: address = '' } = keyring.openStrings(addOn.sealedConfig, addOnConfigContext(id));
  if (!provider.isRunning(id)) return;
  const { rotating: _, ...resource } = addOn.resource;
  await setPassword(provider.running(id, resource as Resource), new URL(address).password); // less one entry
  await addOns.update(db, id, { resource });
};
