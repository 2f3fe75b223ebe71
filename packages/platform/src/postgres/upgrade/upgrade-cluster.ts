import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { assertRoom } from '../../files/disk-room.ts';
import { syncData } from '../backup/restore-cluster.ts';
import type { PostgresBinaries } from '../binaries.ts';
import { type Cluster, openCluster, removeCluster } from '../cluster.ts';
import { ClusterError } from '../cluster-error.ts';
import { dumpDatabase } from '../dump/dump-database.ts';
import { restoreDump } from '../dump/restore-dump.ts';
import { quoteName, withSuperuser } from '../superuser.ts';
import type { ClusterTemplate } from '../template.ts';
import type { ServerSettings } from '../tuning.data.ts';
import { copyOwner, copyRoles } from './copy-roles.ts';
import { decideUpgrade, finishUpgrade, upgradeFolder } from './finish-upgrade.ts';
import { findOlderServer, olderMajor, olderSettings } from './older-server.ts';

export interface UpgradeOptions {
  readonly binaries: PostgresBinaries;
  readonly template: ClusterTemplate;
  /** Of the cluster, which nothing else starts meanwhile. */
  readonly folder: string;
  readonly port: number;
  readonly uid: number;
  readonly settings: ServerSettings;
  readonly user: string;
  readonly database: string;
  /** Of a fresh cluster: makes the user and its database. */
  readonly bootstrap: readonly string[];
  /** Told of what could not be taken along. */
  readonly onWarning: (message: string) => void;
}

/**
 * Makes a cluster of these binaries' version out of one of an older version, by a dump that is restored beside; until
 * that is whole, and whatever fails, the old one is as it was. Afterwards the old one stays in the folder `before-upgrade`.
 * @throws ClusterError when there is no server of that version, or the dump can't be restored; NoRoom
 */
export const upgradeCluster = async (options: UpgradeOptions): Promise<void> => {
  const { folder, binaries } = options;
  const major = await olderMajor(folder, binaries);
  if (major === undefined) throw new ClusterError('The database is of the newest version already.');
  const beside = upgradeFolder(folder);
  await removeCluster(beside);
  const old = await openOlder(options, await findOlderServer(major, binaries));
  try {
    await old.start();
    const fresh = await openFresh(options, beside);
    await fresh.start();
    await carryOver(options, old, fresh);
    await fresh.stop();
    await syncData(join(beside, 'data'));
  } catch (error) {
    await removeCluster(beside);
    throw error;
  } finally {
    await old.stop();
  }
  await decideUpgrade(folder);
  await finishUpgrade(folder);
};

const openOlder = ({ template, folder, port, uid }: UpgradeOptions, binaries: PostgresBinaries): Promise<Cluster> =>
  openCluster({ binaries, template, folder, port, tcp: false, uid, settings: olderSettings });

const openFresh = (options: UpgradeOptions, folder: string): Promise<Cluster> => {
  const { binaries, template, port, uid, settings, bootstrap } = options;
  const quick = { ...settings, archive_mode: false, fsync: false };
  return openCluster({ binaries, template, folder, port, tcp: false, uid, settings: quick, bootstrap });
};

const carryOver = async (options: UpgradeOptions, old: Cluster, fresh: Cluster): Promise<void> => {
  const { folder, user, database, onWarning } = options;
  const path = join(upgradeFolder(folder), 'content.dump');
  const password = randomBytes(24).toString('hex');
  await withSuperuser(old.superuser, database, (from) =>
    withSuperuser(fresh.superuser, 'postgres', async (to) => {
      const { rows } = await from.query<{ bytes: string }>('SELECT pg_database_size(current_database()) AS bytes');
      await assertRoom(folder, 2 * Number(rows[0]?.bytes ?? 0), 'An upgrade');
      await copyRoles(from, to, user);
      await to.query(
        `DO $$ DECLARE one text; BEGIN FOR one IN SELECT rolname FROM pg_roles WHERE rolcanlogin AND NOT rolsuper LOOP
          EXECUTE format('GRANT CONNECT, TEMPORARY ON DATABASE %I TO %I', '${database}', one); END LOOP; END $$`,
      );
      await dumpDatabase({ server: old.superuser, database, path });
      await to.query(`ALTER ROLE ${quoteName(user)} PASSWORD '${password}'`);
      const source = createReadStream(path, { highWaterMark: 1024 * 1024 });
      await restoreDump({ server: fresh.superuser, database, user, password, source, onWarning, privileges: true });
      await copyOwner(from, to, user, database);
      await rm(path);
    }),
  );
};
