import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import pg from 'pg';
import type { AddOnId } from '../../domain/ids.ts';
import type { PostgresBinaries } from '../../postgres/binaries.ts';
import { type Cluster, findCluster, openCluster, removeCluster } from '../../postgres/cluster.ts';
import type { PortRange } from '../../postgres/free-port.ts';
import { type ClusterKeeper, keepRunning } from '../../postgres/keep-running.ts';
import { scramVerifier } from '../../postgres/scram-verifier.ts';
import type { ClusterTemplate } from '../../postgres/template.ts';
import { addOnSettings } from '../../postgres/tuning.data.ts';
import type { AddOnHealth, AddOnProvider, AddOnRequest, Provisioned, Resource } from '../provider.ts';
import { type Allocation, Allocations, allocationOf } from './postgres-allocation.ts';

export interface PostgresProviderOptions {
  readonly binaries: PostgresBinaries;
  readonly template: ClusterTemplate;
  /** Holds one folder per add-on, named by its id. */
  readonly folder: string;
  /** 15432 to 19999 unless told. */
  readonly ports?: PortRange;
  /** A further address of this machine that databases which start now listen on, for containers. */
  readonly alsoOn?: () => string | undefined;
  /** Databases' servers run under this uid and those above it when we are root; 300002 unless told. */
  readonly firstUid?: number;
}

interface Kept {
  readonly cluster: Cluster;
  readonly keeper: ClusterKeeper;
}

/** heroku-postgresql: one small server per database, with its own port, uid and write-ahead log. */
export class PostgresProvider implements AddOnProvider {
  readonly service = 'heroku-postgresql';
  readonly #options: PostgresProviderOptions;
  readonly #allocations: Allocations;
  readonly #kept = new Map<AddOnId, Kept>();
  readonly #events = new EventEmitter();

  constructor(options: PostgresProviderOptions) {
    this.#options = options;
    const ports = options.ports ?? { from: 15_432, to: 19_999 };
    this.#allocations = new Allocations(options.folder, ports, options.firstUid ?? 300_002);
  }

  async provision(request: AddOnRequest, signal: AbortSignal): Promise<Provisioned> {
    const { connections } = request.plan;
    const runs = (await findCluster(join(this.#options.folder, request.id))) !== undefined;
    const allocation = await this.#allocations.allocate(request.id, runs);
    await this.#letGo(request.id);
    const cluster = await this.#open(request.id, allocation, connections, bootstrap(allocation, connections), signal);
    signal.throwIfAborted();
    await this.#keep(request.id, cluster).keeper.running(signal);
    // Set anew each time: the password of an attempt whose answer got lost is known to nobody.
    const password = `p${randomBytes(32).toString('hex')}`;
    await asSuperuser(cluster, 'postgres', `ALTER ROLE ${allocation.user} PASSWORD '${await scramVerifier(password)}'`);
    const { user, port, database } = allocation;
    return {
      resource: { ...allocation, connections },
      config: { URL: `postgres://${user}:${password}@localhost:${port}/${database}` },
    };
  }

  async deprovision(id: AddOnId): Promise<void> {
    await this.#letGo(id);
    await removeCluster(join(this.#options.folder, id));
  }

  async ensureRunning(id: AddOnId, resource: Resource): Promise<AddOnHealth> {
    let kept = this.#kept.get(id);
    if (!kept) {
      try {
        const cluster = await this.#open(
          id,
          allocationOf(resource),
          Number(resource.connections),
          undefined,
          undefined,
        );
        kept = this.#keep(id, cluster);
      } catch (error) {
        return { kind: 'down', reason: error instanceof Error ? error.message : String(error) };
      }
    }
    const { state } = kept.keeper;
    if (state.kind === 'down') return { kind: 'down', reason: state.reason };
    return { kind: state.kind === 'running' ? 'up' : 'starting' };
  }

  /** What `pg:info` tells of a running database. @throws when it can't be asked now. */
  async info(id: AddOnId, resource: Resource): Promise<PostgresInfo> {
    const kept = this.#kept.get(id);
    if (!kept) throw new Error('The database is not running yet; ask again soon.');
    const { user, database } = allocationOf(resource);
    const [row] = await asSuperuser(kept.cluster, database, infoQuery, [user]);
    return {
      version: String(row?.version),
      sizeBytes: Number(row?.size),
      tables: Number(row?.tables),
      connections: Number(row?.connections),
      connectionLimit: Number(resource.connections),
    };
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
    await Promise.all([...this.#kept.keys()].map((id) => this.#letGo(id)));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #open(
    id: AddOnId,
    { port, uid }: Allocation,
    connections: number,
    statements: readonly string[] | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Cluster> {
    const { binaries, template, folder } = this.#options;
    return openCluster(
      {
        binaries,
        template,
        folder: join(folder, id),
        port,
        tcp: true,
        ...(this.#options.alsoOn === undefined ? {} : { alsoOn: this.#options.alsoOn }),
        uid,
        settings: addOnSettings(connections),
        ...(statements && { bootstrap: statements }),
      },
      signal,
    );
  }

  #keep(id: AddOnId, cluster: Cluster): Kept {
    const kept = { cluster, keeper: keepRunning(cluster) };
    kept.keeper.onChange(() => this.#events.emit('change', id));
    this.#kept.set(id, kept);
    return kept;
  }

  async #letGo(id: AddOnId): Promise<void> {
    const kept = this.#kept.get(id);
    this.#kept.delete(id);
    await kept?.keeper.close();
  }
}

export interface PostgresInfo {
  /** `18.4`. */
  readonly version: string;
  readonly sizeBytes: number;
  readonly tables: number;
  /** Of the plan's role, now. */
  readonly connections: number;
  readonly connectionLimit: number;
}

const infoQuery = `SELECT current_setting('server_version') AS version, pg_database_size(current_database()) AS size,
  (SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')) AS tables,
  (SELECT count(*) FROM pg_stat_activity WHERE usename = $1) AS connections`;

/** The customer's role owns its one database and can see no other; names are ours, of letters and digits. */
const bootstrap = ({ user, database }: Allocation, connections: number): readonly string[] => [
  `CREATE ROLE ${user} LOGIN CONNECTION LIMIT ${connections}`,
  `ALTER DATABASE app RENAME TO ${database}`,
  `ALTER DATABASE ${database} OWNER TO ${user}`,
  `REVOKE ALL ON DATABASE ${database}, postgres, template1 FROM PUBLIC`,
];

const asSuperuser = async (
  cluster: Cluster,
  database: string,
  sql: string,
  values: readonly string[] = [],
): Promise<readonly Record<string, unknown>[]> => {
  const client = new pg.Client({ ...cluster.superuser, database });
  client.on('error', () => {}); // A server that goes away fails the query below.
  await client.connect();
  try {
    return (await client.query(sql, [...values])).rows;
  } finally {
    await client.end();
  }
};
