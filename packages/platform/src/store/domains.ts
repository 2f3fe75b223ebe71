import type { Selectable } from 'kysely';
import { sql } from 'kysely';
import type { OrderStage } from '../domain/certificate-order.ts';
import type { AccountId, AppId, DomainId, SniEndpointId } from '../domain/ids.ts';
import type { Database } from './database.ts';
import { isUuid } from './is-uuid.ts';
import type { DomainsTable } from './tables.ts';

/** A domain with the endpoint that serves it and the state of its order, where there are such. */
export type Domain = Omit<Selectable<DomainsTable>, 'requestKey'> & {
  readonly endpointName: string | null;
  readonly endpointAcm: boolean | null;
  readonly stage: OrderStage | null;
  readonly failures: number | null;
  readonly problem: string | null;
  readonly orderUpdatedAt: Date | null;
};

/** What the router has to know of a domain. */
export interface RoutedDomain {
  readonly appId: AppId;
  readonly hostname: string;
  readonly endpoint: { readonly id: SniEndpointId; readonly fingerprint: string } | undefined;
}

/** Any fixed number: names are given out one at a time, since a wildcard and a name below it can't both be unique by an index. */
const namesLock = 5_100_002;

const select = (db: Database) =>
  db
    .selectFrom('domains')
    .leftJoin('sniEndpoints', 'sniEndpoints.id', 'domains.sniEndpointId')
    .leftJoin('certificateOrders', 'certificateOrders.domainId', 'domains.id')
    .select([
      'domains.id',
      'domains.appId',
      'domains.hostname',
      'domains.sniEndpointId',
      'domains.createdAt',
      'domains.updatedAt',
      'sniEndpoints.name as endpointName',
      'sniEndpoints.acm as endpointAcm',
      'certificateOrders.stage',
      'certificateOrders.failures',
      'certificateOrders.problem',
      'certificateOrders.updatedAt as orderUpdatedAt',
    ]);

/** The wildcard that a name is below, and for a wildcard every name below it. */
const overlaps = (hostname: string) =>
  hostname.startsWith('*.')
    ? sql<boolean>`substr(hostname, strpos(hostname, '.')) = ${hostname.slice(1)}`
    : sql<boolean>`hostname = ${`*${hostname.slice(hostname.indexOf('.'))}`}`;

export const domains = {
  /** Until the transaction ends nobody else adds a name. */
  lockNames: async (tx: Database): Promise<void> => {
    await sql`SELECT pg_advisory_xact_lock(${namesLock})`.execute(tx);
  },

  /** The names of apps that are being removed are free. */
  freeOfRemovedApp: async (tx: Database, hostname: string): Promise<void> => {
    await tx
      .deleteFrom('domains')
      .where('hostname', '=', hostname)
      .where('appId', 'in', tx.selectFrom('apps').select('id').where('deletedAt', 'is not', null))
      .execute();
  },

  /** Apps that have the name, a wildcard above it or, for a wildcard, a name below it. */
  claims: (
    tx: Database,
    hostname: string,
  ): Promise<{ hostname: string; appId: AppId; appName: string; ownerId: AccountId }[]> =>
    tx
      .selectFrom('domains')
      .innerJoin('apps', 'apps.id', 'domains.appId')
      .select(['domains.hostname', 'apps.id as appId', 'apps.name as appName', 'apps.ownerId'])
      .where('apps.deletedAt', 'is', null)
      .where((eb) => eb.or([eb('hostname', '=', hostname), overlaps(hostname)]))
      .execute(),

  insert: async (
    tx: Database,
    row: { appId: AppId; hostname: string; sniEndpointId: SniEndpointId | null; requestKey: string | null },
  ): Promise<DomainId> => (await tx.insertInto('domains').values(row).returning('id').executeTakeFirstOrThrow()).id,

  ofApp: (db: Database, appId: AppId): Promise<Domain[]> =>
    select(db).where('domains.appId', '=', appId).orderBy('domains.hostname').execute(),

  /** By UUID or host name, among those of one app. */
  find: (db: Database, appId: AppId, idOrHostname: string): Promise<Domain | undefined> =>
    select(db)
      .where('domains.appId', '=', appId)
      .where(isUuid(idOrHostname) ? 'domains.id' : 'domains.hostname', '=', idOrHostname as DomainId) // a UUID after the check beside it
      .executeTakeFirst(),

  byId: (db: Database, id: DomainId): Promise<Domain | undefined> =>
    select(db).where('domains.id', '=', id).executeTakeFirst(),

  byRequestKey: (db: Database, requestKey: string): Promise<Domain | undefined> =>
    select(db).where('domains.requestKey', '=', requestKey).executeTakeFirst(),

  setEndpoint: async (tx: Database, id: DomainId, sniEndpointId: SniEndpointId | null): Promise<void> => {
    await tx.updateTable('domains').set({ sniEndpointId, updatedAt: new Date() }).where('id', '=', id).execute();
  },

  remove: async (tx: Database, id: DomainId): Promise<void> => {
    await tx.deleteFrom('domains').where('id', '=', id).execute();
  },

  /** Of one app or, all at once, of every app that isn't being removed. */
  routed: async (db: Database, appId?: AppId): Promise<RoutedDomain[]> => {
    const query = db
      .selectFrom('domains')
      .innerJoin('apps', 'apps.id', 'domains.appId')
      .leftJoin('sniEndpoints', 'sniEndpoints.id', 'domains.sniEndpointId')
      .select(['domains.appId', 'domains.hostname', 'sniEndpoints.id as endpointId', 'sniEndpoints.fingerprint'])
      .where('apps.deletedAt', 'is', null);
    const rows = await (appId === undefined ? query : query.where('domains.appId', '=', appId)).execute();
    return rows.map(({ endpointId, fingerprint, ...rest }) => ({
      ...rest,
      endpoint: endpointId === null || fingerprint === null ? undefined : { id: endpointId, fingerprint },
    }));
  },
};
