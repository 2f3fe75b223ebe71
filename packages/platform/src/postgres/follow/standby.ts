import { chmod, chown, lstat, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from '../../files/write-durably.ts';
import { BaseBackups } from '../backup/base-backups.ts';
import { unpack } from '../backup/restore-cluster.ts';
import { removeCluster, type SuperuserConnection } from '../cluster.ts';
import { ClusterError } from '../cluster-error.ts';
import { runProgram } from '../run-program.ts';
import { withSuperuser } from '../superuser.ts';
import type { ServerSettings } from '../tuning.data.ts';
import { isRoot } from '../unprivileged.ts';

export interface StandbyOptions {
  readonly leader: SuperuserConnection;
  /** Bytes of the leader's databases, as it counts them. */
  readonly expectedBytes: number;
  /** Absolute; the cluster's alone, and without a cluster yet. */
  readonly folder: string;
  /** Unix uid and gid of its server when we are root; ignored otherwise. */
  readonly uid: number;
  /** Its role and slot on the leader. */
  readonly name: string;
  readonly password: string;
}

const passwordFile = (folder: string): string => join(folder, 'leader.pgpass');

/**
 * Makes a cluster's folder out of a fresh base backup of a running one, all or nothing; started with
 * {@link followSettings} it follows it.
 */
export const makeStandby = async (options: StandbyOptions, signal?: AbortSignal): Promise<void> => {
  const { leader, expectedBytes, folder, uid, name, password } = options;
  const beside = join(folder, 'restore');
  const data = join(beside, 'data');
  await removeCluster(beside);
  try {
    await mkdir(data, { recursive: true, mode: 0o700 });
    const backups = new BaseBackups(join(beside, 'base'));
    // It is packed and unpacked beside each other.
    await unpack({ backups }, await backups.take(leader, 2 * expectedBytes, signal), data);
    await writeFile(join(data, 'standby.signal'), '');
    await writeFile(passwordFile(folder), `*:*:*:${name}:${password}\n`, { mode: 0o600 });
    if (isRoot()) {
      await chown(passwordFile(folder), uid, uid);
      await runProgram('chown', ['-R', `${uid}:${uid}`, data], { signal });
    }
    await chmod(data, 0o700);
    await runProgram('sync', ['-f', data], { signal });
    await rename(data, join(folder, 'data'));
    await syncFolder(folder);
  } finally {
    await removeCluster(beside);
  }
};

/**
 * What a follower's server needs beside its own settings.
 * @param tls whether the leader's server has a certificate: that it is the leader is then shown by the password itself,
 * bound to the connection (RFC 5929 tls-server-end-point)
 */
export const followSettings = (
  folder: string,
  name: string,
  leader: { readonly port: number; readonly tls: boolean },
): ServerSettings => {
  const security = leader.tls ? 'sslmode=require channel_binding=require' : 'sslmode=disable';
  const path = passwordFile(folder).replaceAll(/['\\]/g, '\\$&');
  return {
    hot_standby: true,
    primary_slot_name: name,
    primary_conninfo: `host=localhost port=${leader.port} user=${name} application_name=${name} passfile='${path}' ${security}`,
  };
};

/** Whether a cluster's folder is that of a server that follows another one. */
export const isStandbyFolder = async (folder: string): Promise<boolean> =>
  (await lstat(join(folder, 'data', 'standby.signal')).catch(() => undefined)) !== undefined;

/** Whether the server follows another one. */
export const isStandby = (server: SuperuserConnection): Promise<boolean> =>
  withSuperuser(server, 'postgres', async (client) => {
    const { rows } = await client.query<{ follows: boolean }>('SELECT pg_is_in_recovery() AS follows');
    return rows[0]?.follows === true;
  });

/** Makes a follower a server of its own, with all that it has got by now; one that is so already stays so. */
export const promote = (server: SuperuserConnection): Promise<void> =>
  withSuperuser(server, 'postgres', async (client) => {
    const { rows } = await client.query<{ done: boolean }>(
      'SELECT CASE WHEN pg_is_in_recovery() THEN pg_promote(true, 60) ELSE true END AS done',
    );
    if (rows[0]?.done !== true) {
      throw new ClusterError('It did not become a database of its own within a minute; its log says why. Ask again.');
    }
  });

/** How many transactions that changed something the follower has yet to get. */
export const commitsBehind = async (leader: SuperuserConnection, follower: SuperuserConnection): Promise<number> => {
  const next = (server: SuperuserConnection) =>
    withSuperuser(server, 'postgres', async (client) => {
      const { rows } = await client.query<{ next: string }>('SELECT pg_snapshot_xmax(pg_current_snapshot()) AS next');
      return Number(rows[0]?.next ?? 0);
    });
  // The follower first, so that what is committed meanwhile counts as behind and never as ahead.
  const at = await next(follower);
  return Math.max(0, (await next(leader)) - at);
};
