import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AddOnId } from '../../domain/ids.ts';
import type { SuperuserConnection } from '../../postgres/cluster.ts';
import { clusterFolder } from '../../postgres/cluster-folder.ts';
import { admitFollower, dismissFollowers, followerName } from '../../postgres/follow/leader.ts';
import {
  commitsBehind,
  followSettings,
  isStandby,
  isStandbyFolder,
  makeStandby,
  promote,
} from '../../postgres/follow/standby.ts';
import { writeAccessRules } from '../../postgres/server-config.ts';
import { quoteName, withSuperuser } from '../../postgres/superuser.ts';
import { besidePlan, type ServerSettings } from '../../postgres/tuning.data.ts';
import { isRoot } from '../../postgres/unprivileged.ts';
import type { Allocation, Allocations, Followed } from './postgres-allocation.ts';

export interface FollowersOptions {
  /** Holds one folder per database, named by its id. */
  readonly folder: string;
  readonly allocations: Allocations;
  /** Whether servers have a certificate. */
  readonly tls: boolean;
  /** The server of a database that is kept running; undefined when it isn't, or not now. */
  readonly server: (id: string) => SuperuserConnection | undefined;
}

/** A database that follows another one, as `pg:info` tells it. */
export interface Following {
  readonly leader: AddOnId;
  /** Transactions that it has yet to get; undefined when one of the two can't be asked now. */
  readonly commitsBehind: number | undefined;
}

/**
 * Databases that follow others: read-only copies that are a moment behind. Who follows whom stands in the followers'
 * allocations, so that whatever is killed when, a leader keeps its log for those that follow it and nobody else.
 */
export class PostgresFollowers {
  readonly #options: FollowersOptions;

  constructor(options: FollowersOptions) {
    this.#options = options;
  }

  /** What a follower has in common with its leader. @throws when the leader is gone, or a follower itself. */
  async followed(leader: string): Promise<Followed> {
    const found = await this.#options.allocations.read(leader);
    if (!found) throw new Error('The database to follow is gone.');
    if (found.follows !== undefined) throw new Error('The database to follow follows another one itself.');
    return { user: found.user, database: found.database, follows: leader };
  }

  /** Makes the follower's cluster out of its leader's; a repeated call finds it made. @returns the leader's limit of connections. */
  async make(id: string, { follows = '', uid }: Allocation, signal: AbortSignal): Promise<void> {
    const { folder, server } = this.#options;
    if (await lstat(join(folder, id, 'data')).catch(() => undefined)) return;
    const leader = server(follows);
    if (!leader) throw new Error('The database to follow is not running now.');
    const expectedBytes = await this.#openDoor(follows, leader);
    const name = followerName(id);
    const password = await admitFollower(leader, name);
    await makeStandby({ leader, expectedBytes, folder: join(folder, id), uid, name, password }, signal);
  }

  /** What a follower's server needs beside its own settings; nothing for a database that follows none. */
  async settings(id: string, { follows }: Allocation): Promise<ServerSettings> {
    const { folder, allocations, tls } = this.#options;
    const leader = follows === undefined ? undefined : await allocations.read(follows);
    return leader ? followSettings(join(folder, id), followerName(id), { port: leader.port, tls }) : {};
  }

  /** Whom it follows, and how closely; undefined for a database that follows none. */
  async following(id: AddOnId): Promise<Following | undefined> {
    const { server } = this.#options;
    const leader = await this.leaderOf(id);
    if (leader === undefined) return undefined;
    const [own, its] = [server(id), server(leader)];
    return { leader, commitsBehind: own && its && (await commitsBehind(its, own).catch(() => undefined)) };
  }

  async leaderOf(id: AddOnId): Promise<AddOnId | undefined> {
    return (await this.#options.allocations.read(id))?.follows as AddOnId | undefined; // an id of ours
  }

  async followersOf(id: string): Promise<readonly AddOnId[]> {
    const all = [...(await this.#options.allocations.all())];
    return all.flatMap(([other, { follows }]) => (follows === id ? [other as AddOnId] : [])); // folders are named by ids
  }

  /** Ends the following, for good: what it has got by now is its own. It is to be opened anew then. */
  async unfollow(id: string): Promise<void> {
    const { server } = this.#options;
    const own = server(id);
    if (!own) throw new Error('The database is not running now; ask again soon.');
    await promote(own);
    await this.#noteLeads(id);
  }

  /**
   * Brings a server that has just come up, and who follows it, in line with the allocations.
   * @returns whether it had been killed in the middle of ceasing to follow, and is to be opened anew.
   */
  async tidy(id: string): Promise<boolean> {
    const server = this.#options.server(id);
    if (!server) return false;
    const follows = (await this.#options.allocations.read(id))?.follows;
    if (follows !== undefined) {
      if (await isStandby(server)) return false;
      await this.#noteLeads(id);
      return true;
    }
    await dismissFollowers(
      server,
      async () => new Set([...(await this.followersOf(id)), ...(await this.#lost())].map(followerName)),
    );
    return false;
  }

  /** Followers of whom it is not known now whom they follow: it may be anybody. */
  async #lost(): Promise<readonly string[]> {
    const { folder, allocations } = this.#options;
    const known = await allocations.all();
    const others = (await readdir(folder).catch(() => [])).filter((id) => !known.has(id));
    const follow = await Promise.all(others.map((id) => isStandbyFolder(join(folder, id))));
    return others.filter((_, index) => follow[index]);
  }

  async #noteLeads(id: string): Promise<void> {
    const { allocations } = this.#options;
    const allocation = await allocations.read(id);
    if (allocation?.follows === undefined) return;
    const { follows, ...own } = allocation;
    const server = this.#options.server(id);
    // Until now it was its leader's, as all that stands in the database.
    if (server) await limitConnections(server, own.user, await connectionsOf(server, besidePlan));
    await allocations.write(id, own);
    // A leader that doesn't run now forgets it when it comes up.
    for (const one of [follows, id]) await this.tidy(one).catch(() => {});
  }

  /** Sees to it that the leader's server lets followers in, also when an older Ravine started it. @returns its bytes. */
  async #openDoor(id: string, leader: SuperuserConnection): Promise<number> {
    const { folder, allocations } = this.#options;
    const uid = (await allocations.read(id))?.uid;
    await writeAccessRules(
      clusterFolder(join(folder, id)).data,
      isRoot() && uid !== undefined ? { uid, gid: uid } : undefined,
    );
    return withSuperuser(leader, 'postgres', async (client) => {
      const { rows } = await client.query<{ bytes: string }>(
        'SELECT pg_reload_conf(), (SELECT sum(pg_database_size(oid)) FROM pg_database) AS bytes',
      );
      return Number(rows[0]?.bytes ?? 0);
    });
  }
}

const limitConnections = async (server: SuperuserConnection, user: string, most: number): Promise<void> => {
  await withSuperuser(server, 'postgres', (client) =>
    client.query(`ALTER ROLE ${quoteName(user)} CONNECTION LIMIT ${most}`),
  );
};

/** How many connections a server is set up for; a follower's must be set up for no fewer than its leader's. */
export const connectionsOf = (server: SuperuserConnection, beside: number): Promise<number> =>
  withSuperuser(server, 'postgres', async (client) => {
    const { rows } = await client.query<{ most: number }>("SELECT current_setting('max_connections')::int AS most");
    return (rows[0]?.most ?? 0) - beside;
  });
