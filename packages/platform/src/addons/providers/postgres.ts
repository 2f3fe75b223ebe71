import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import type { AddOnId } from '../../domain/ids.ts';
import { besideFolders } from '../../postgres/backup/archive-of.ts';
import { Archivist } from '../../postgres/backup/archivist.ts';
import { oneAtATime } from '../../postgres/backup/one-at-a-time.ts';
import type { PostgresBinaries } from '../../postgres/binaries.ts';
import {
  type Cluster,
  findCluster,
  openCluster,
  removeCluster,
  type SuperuserConnection,
} from '../../postgres/cluster.ts';
import type { PortRange } from '../../postgres/free-port.ts';
import { type ClusterKeeper, keepRunning } from '../../postgres/keep-running.ts';
import type { ClusterTemplate } from '../../postgres/template.ts';
import { addOnSettings, besidePlan } from '../../postgres/tuning.data.ts';
import { finishUpgrade } from '../../postgres/upgrade/finish-upgrade.ts';
import { olderMajor } from '../../postgres/upgrade/older-server.ts';
import { upgradeCluster } from '../../postgres/upgrade/upgrade-cluster.ts';
import type { Plan } from '../catalogue.ts';
import type { AddOnHealth, AddOnOptions, AddOnProvider, AddOnRequest, Provisioned, Resource } from '../provider.ts';
import { Calm } from './calm.ts';
import { type Allocation, Allocations, allocationOf } from './postgres-allocation.ts';
import { type RunningDatabase, setPassword } from './postgres-content.ts';
import { connectionsOf, type Following, PostgresFollowers } from './postgres-followers.ts';
import { makeFork } from './postgres-fork.ts';
import { askInfo, type BackupFacts, type PostgresInfo, readBackupFacts } from './postgres-info.ts';
import { connectionsFor, keptDays, PlanFit } from './postgres-plan.ts';
import { bootstrap } from './postgres-roles.ts';
import { PostgresUpgrades, type UpgradeState } from './postgres-upgrades.ts';

export interface PostgresProviderOptions {
  readonly binaries: PostgresBinaries;
  readonly template: ClusterTemplate;
  /** Holds one folder per add-on, named by its id. */
  readonly folder: string;
  /** 15432 to 19999 unless told. */
  readonly ports?: PortRange;
  /** A further address of this machine that databases which start now listen on, for containers. */
  readonly alsoOn?: () => string | undefined;
  /** Certificate and key, PEM, of every database; without it there is no TLS. */
  readonly certificate?: () => Promise<string>;
  /** Told of what somebody should see to, of one database; it goes on with less. */
  readonly onTrouble?: (id: AddOnId, reason: string) => void;
  /** Databases' servers run under this uid and those above it when we are root; 300002 unless told. */
  readonly firstUid?: number;
}

interface Kept {
  readonly cluster: Cluster;
  readonly keeper: ClusterKeeper;
  /** Of one that follows none: a follower's backups are its leader's. */
  readonly archivist: Archivist | undefined;
  readonly fit: PlanFit;
}

/** An address, not a name: a database on `localhost` is what `heroku pg:push` wants to create first. */
const host = '127.0.0.1';

/** heroku-postgresql: one small server per database, with its own port, uid and write-ahead log. */
export class PostgresProvider implements AddOnProvider {
  readonly service = 'heroku-postgresql';
  readonly #options: PostgresProviderOptions;
  readonly #allocations: Allocations;
  readonly #followers: PostgresFollowers;
  readonly #kept = new Map<AddOnId, Kept>();
  readonly #events = new EventEmitter();
  readonly #upgrades = new PostgresUpgrades();
  /** Of all databases: a base backup or a drill takes the disk's and a core's whole attention. */
  readonly #oneAtATime = oneAtATime();
  /** A first base backup would slow down whoever makes several databases; the log is archived meanwhile. */
  readonly #calm = new Calm({ quietMs: 1_000, mostMs: 30_000 });

  constructor(options: PostgresProviderOptions) {
    this.#options = options;
    const ports = options.ports ?? { from: 15_432, to: 19_999 };
    this.#allocations = new Allocations({
      ...{ parent: options.folder, ports, firstUid: options.firstUid ?? 300_002 },
      onDamaged: (id, reason) => this.#tell(id as AddOnId, reason), // folders are named by ids
    });
    this.#followers = new PostgresFollowers({
      folder: options.folder,
      allocations: this.#allocations,
      tls: options.certificate !== undefined,
      server: (id) => this.#serverOf(id as AddOnId), // an id of ours, as all options
    });
  }

  provision(request: AddOnRequest, signal: AbortSignal): Promise<Provisioned> {
    return this.#calm.disturb(() => this.#provision(request, signal));
  }

  async #provision(request: AddOnRequest, signal: AbortSignal): Promise<Provisioned> {
    const { connections } = request.plan;
    const runs = (await findCluster(join(this.#options.folder, request.id))) !== undefined;
    if (request.options?.follow !== undefined) return this.#follow(request, request.options.follow, runs, signal);
    const allocation = await this.#allocations.allocate(request.id, runs);
    await this.#letGo(request.id);
    if (request.options?.from !== undefined) await this.#restore(request, request.options, allocation, signal);
    const cluster = await this.#open(request.id, allocation, connections, bootstrap(allocation, connections), signal);
    signal.throwIfAborted();
    await this.#keep(request.id, cluster, allocation, request.plan).keeper.running(signal);
    // Set anew each time: the password of an attempt whose answer got lost is known to nobody.
    const password = `p${randomBytes(32).toString('hex')}`;
    const { user, port, database } = allocation;
    await setPassword({ server: cluster.superuser, user, database }, password);
    return {
      resource: { ...allocation, connections },
      config: { URL: `postgres://${user}:${password}@${host}:${port}/${database}` },
    };
  }

  async deprovision(id: AddOnId): Promise<void> {
    const leader = (await this.#allocations.read(id))?.follows;
    await this.#letGo(id);
    const folder = join(this.#options.folder, id);
    for (const beside of besideFolders) await removeCluster(join(folder, beside));
    await removeCluster(folder);
    // One that doesn't run now forgets it when it comes up.
    if (leader !== undefined) await this.#followers.tidy(leader).catch(() => {});
  }

  async ensureRunning(id: AddOnId, resource: Resource, plan: Plan | undefined): Promise<AddOnHealth> {
    if (this.#upgrades.of(id).kind === 'running') return { kind: 'starting' };
    let kept = this.#kept.get(id);
    if (!kept) {
      try {
        const allocation = (await this.#allocations.read(id)) ?? (await this.#allocations.recover(id, resource));
        const cluster = await this.#open(
          id,
          allocation,
          connectionsFor(plan, allocation, resource),
          undefined,
          undefined,
        );
        kept = this.#keep(id, cluster, allocation, plan);
      } catch (error) {
        return { kind: 'down', reason: error instanceof Error ? error.message : String(error) };
      }
    }
    const { state } = kept.keeper;
    if (state.kind === 'down') return { kind: 'down', reason: state.reason };
    if (state.kind !== 'running') return { kind: 'starting' };
    // A server that can't be asked now is asked at the next look.
    if (plan === undefined || (await kept.fit.to(plan, resource).catch(() => true))) return { kind: 'up' };
    await this.#letGo(id);
    await kept.cluster.stop();
    this.#events.emit('change', id);
    return { kind: 'starting' };
  }

  /** What looks after the backups of a database that is kept running. @throws when it isn't. */
  archivistOf(id: AddOnId): Archivist {
    const kept = this.#kept.get(id);
    if (!kept?.archivist) throw new Error('The database is not running yet, or follows another; ask again soon.');
    return kept.archivist;
  }

  /** A database that is kept running. @throws when it isn't. */
  running(id: AddOnId, resource: Resource): RunningDatabase {
    const kept = this.#kept.get(id);
    if (kept?.keeper.state.kind !== 'running') throw new Error('The database is not running now; ask again soon.');
    const { user, database } = allocationOf(resource);
    return { server: kept.cluster.superuser, user, database };
  }

  isRunning(id: AddOnId): boolean {
    return this.#serverOf(id) !== undefined;
  }

  /** Whom it follows, and how closely; undefined for a database that follows none. */
  following(id: AddOnId): Promise<Following | undefined> {
    return this.#followers.following(id);
  }

  /** As {@link following}, without asking the servers. */
  leaderOf(id: AddOnId): Promise<AddOnId | undefined> {
    return this.#followers.leaderOf(id);
  }

  followersOf(id: AddOnId): Promise<readonly AddOnId[]> {
    return this.#followers.followersOf(id);
  }

  /** Ends its following, for good; backups of its own begin. @throws when it isn't running. */
  async unfollow(id: AddOnId): Promise<void> {
    await this.#followers.unfollow(id);
    await this.#openAnew(id);
  }

  /** The major version that made a database, where it is older than ours. */
  olderVersion(id: AddOnId): Promise<string | undefined> {
    return olderMajor(join(this.#options.folder, id), this.#options.binaries);
  }

  upgradeState(id: AddOnId): UpgradeState {
    return this.#upgrades.of(id);
  }

  /** Begins to bring a database of an older version to ours. @throws while it has to do with followers */
  async upgrade(id: AddOnId, resource: Resource, plan: Plan | undefined): Promise<void> {
    const { binaries, template } = this.#options;
    const folder = join(this.#options.folder, id);
    const allocation = (await this.#allocations.read(id)) ?? (await this.#allocations.recover(id, resource));
    if (allocation.follows !== undefined || (await this.followersOf(id)).length > 0) {
      throw new Error(
        'A database that follows another one, or is followed, is not upgraded: destroy its followers first.',
      );
    }
    const connections = connectionsFor(plan, allocation, resource);
    const parts = {
      ...allocation,
      settings: addOnSettings(connections),
      bootstrap: bootstrap(allocation, connections),
    };
    this.#upgrades.start(
      id,
      (onWarning) => upgradeCluster({ ...parts, binaries, template, folder, onWarning }),
      () => this.#events.emit('change', id),
    );
  }

  /** What there is to restore a database from. */
  backupFacts(id: AddOnId): Promise<BackupFacts> {
    return readBackupFacts(join(this.#options.folder, id), this.#kept.get(id)?.archivist?.trouble ?? null);
  }

  /** What `pg:info` tells of a running database. @throws when it can't be asked now. */
  async info(id: AddOnId, resource: Resource): Promise<PostgresInfo> {
    const kept = this.#kept.get(id);
    if (!kept) throw new Error('The database is not running yet; ask again soon.');
    const { user, database } = allocationOf(resource);
    return askInfo({ server: kept.cluster.superuser, user, database });
  }

  onChange(listener: (id: AddOnId) => void): () => void {
    this.#events.on('change', listener);
    return () => this.#events.off('change', listener);
  }

  async stopAll(): Promise<void> {
    const all = [...this.#kept];
    await Promise.all(
      all.map(async ([id, { cluster }]) => {
        await this.#letGo(id);
        await cluster.stop();
      }),
    );
  }

  async close(): Promise<void> {
    await this.#upgrades.settled();
    await Promise.all([...this.#kept.keys()].map((id) => this.#letGo(id)));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Makes a database that follows another one, with the same names and passwords in it. */
  async #follow(request: AddOnRequest, leader: string, runs: boolean, signal: AbortSignal): Promise<Provisioned> {
    const { id, plan } = request;
    const allocation = await this.#allocations.allocate(id, runs, await this.#followers.followed(leader));
    await this.#letGo(id);
    await this.#followers.make(id, allocation, signal);
    const server = this.#serverOf(leader as AddOnId); // an id of ours, as all options
    const least = server ? await connectionsOf(server, besidePlan) : 0;
    const connections = Math.max(plan.connections, least);
    const cluster = await this.#open(id, allocation, connections, undefined, signal);
    signal.throwIfAborted();
    await this.#keep(id, cluster, allocation, plan).keeper.running(signal);
    const { follows: _, ...own } = allocation;
    // Its password is its leader's, which only the add-on's records know.
    const { user, port, database } = own;
    return { resource: { ...own, connections }, config: { URL: `postgres://${user}@${host}:${port}/${database}` } };
  }

  /** Makes the cluster out of the backups of another one; a repeated call finds it made. */
  async #restore(
    { id, plan }: AddOnRequest,
    { from = '', until }: AddOnOptions,
    allocation: Allocation,
    signal: AbortSignal,
  ): Promise<void> {
    const source = await this.#allocations.read(from);
    if (!source) throw new Error('The database to make it from is gone.');
    const { binaries, template, folder } = this.#options;
    const sourceId = from as AddOnId; // an id of ours, as all options
    const kept = this.#kept.get(sourceId);
    await makeFork({
      ...{ binaries, template, source, allocation, signal },
      folder: join(folder, id),
      sourceFolder: join(folder, from),
      running: kept?.keeper.state.kind === 'running' ? kept.archivist : undefined,
      ...(until !== undefined && { until: new Date(until) }),
      connections: plan.connections,
      onPassedOver: (reason) => this.#tell(sourceId, reason),
    });
  }

  async #open(
    id: AddOnId,
    allocation: Allocation,
    connections: number,
    statements: readonly string[] | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Cluster> {
    const { binaries, template, folder } = this.#options;
    const { port, uid } = allocation;
    await finishUpgrade(join(folder, id));
    return openCluster(
      {
        binaries,
        template,
        folder: join(folder, id),
        port,
        tcp: true,
        ...(this.#options.alsoOn === undefined ? {} : { alsoOn: this.#options.alsoOn }),
        uid,
        settings: { ...addOnSettings(connections), ...(await this.#followers.settings(id, allocation)) },
        archive: true,
        ...(this.#options.certificate && { certificate: this.#options.certificate }),
        ...(statements && { bootstrap: statements }),
      },
      signal,
    );
  }

  #keep(id: AddOnId, cluster: Cluster, allocation: Allocation, plan: Plan | undefined): Kept {
    const keeper = keepRunning(cluster);
    const archivist =
      allocation.follows === undefined ? this.#lookAfter(id, cluster, keeper, allocation, plan) : undefined;
    const onTooLarge = (reason: string) => this.#tell(id, reason);
    const fit = new PlanFit({ server: cluster.superuser, allocation, archivist, onTooLarge });
    const kept = { cluster, keeper, archivist, fit };
    keeper.onChange(({ kind }) => {
      if (kind === 'running') void this.#tidy(id);
      this.#events.emit('change', id);
    });
    this.#kept.set(id, kept);
    return kept;
  }

  #lookAfter(
    id: AddOnId,
    cluster: Cluster,
    keeper: ClusterKeeper,
    { port, uid }: Allocation,
    plan: Plan | undefined,
  ): Archivist {
    const { binaries, template, folder } = this.#options;
    return new Archivist({
      folder: join(folder, id),
      server: cluster.superuser,
      keptDays: keptDays(plan?.name),
      oneAtATime: this.#oneAtATime,
      ready: async (signal) => {
        await keeper.running(signal);
        await this.#calm.comes(signal);
      },
      onTrouble: (reason) => {
        this.#events.emit('change', id);
        if (reason !== null) this.#tell(id, reason);
      },
      restore: { binaries, template, port, uid, settings: addOnSettings(plan?.connections ?? 20) },
    });
  }

  #tell(id: AddOnId, reason: string): void {
    this.#options.onTrouble?.(id, reason);
  }

  #serverOf(id: AddOnId): SuperuserConnection | undefined {
    const kept = this.#kept.get(id);
    return kept?.keeper.state.kind === 'running' ? kept.cluster.superuser : undefined;
  }

  /** What can't be done now is tried again when the server next comes up. */
  async #tidy(id: AddOnId): Promise<void> {
    if (await this.#followers.tidy(id).catch(() => false)) await this.#openAnew(id);
  }

  /** Its next `ensureRunning` adopts the server with the settings and the backups that it is to have now. */
  async #openAnew(id: AddOnId): Promise<void> {
    await this.#letGo(id);
    this.#events.emit('change', id);
  }

  async #letGo(id: AddOnId): Promise<void> {
    const kept = this.#kept.get(id);
    this.#kept.delete(id);
    await kept?.archivist?.close();
    await kept?.keeper.close();
  }
}
