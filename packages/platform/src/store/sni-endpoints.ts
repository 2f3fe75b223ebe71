import { createHash } from 'node:crypto';
import type { Selectable } from 'kysely';
import type { AppId, DomainId, SniEndpointId } from '../domain/ids.ts';
import type { Database } from './database.ts';
import { isUuid } from './is-uuid.ts';
import type { SniEndpointsTable } from './tables.ts';

type Row = Selectable<SniEndpointsTable>;

/** An endpoint without its chain and key, which lists need not read. */
export type SniEndpoint = Omit<Row, 'certificateChain' | 'sealedKey' | 'requestKey'>;

/** An endpoint and the domains that use it. */
export type UsedSniEndpoint = SniEndpoint & { readonly domainIds: readonly DomainId[] };

/** A certificate as it is kept: chain and sealed key, and what it says of itself. */
export type KeptCertificate = Pick<
  Row,
  | 'certificateChain'
  | 'sealedKey'
  | 'certDomains'
  | 'issuer'
  | 'subject'
  | 'startsAt'
  | 'expiresAt'
  | 'selfSigned'
  | 'caSigned'
>;

const columns = [
  'id',
  'appId',
  'name',
  'acm',
  'fingerprint',
  'certDomains',
  'issuer',
  'subject',
  'startsAt',
  'expiresAt',
  'selfSigned',
  'caSigned',
  'createdAt',
  'updatedAt',
] as const;

const fingerprintOf = ({ certificateChain, sealedKey }: KeptCertificate): string =>
  createHash('sha256').update(certificateChain).update(sealedKey).digest('hex');

const withDomains = async (db: Database, endpoints: readonly SniEndpoint[]): Promise<UsedSniEndpoint[]> => {
  const users = await db
    .selectFrom('domains')
    .select(['id', 'sniEndpointId'])
    .where(
      'sniEndpointId',
      'in',
      endpoints.map(({ id }) => id),
    )
    .orderBy('hostname')
    .execute();
  return endpoints.map((endpoint) => ({
    ...endpoint,
    domainIds: users.filter((user) => user.sniEndpointId === endpoint.id).map((user) => user.id),
  }));
};

export const sniEndpoints = {
  /** @throws a unique violation of `sni_endpoints_app_id_name_key` when the app has one of that name. */
  insert: (
    tx: Database,
    row: KeptCertificate & Pick<Row, 'id' | 'appId' | 'name' | 'acm' | 'requestKey'>,
  ): Promise<SniEndpoint> =>
    tx
      .insertInto('sniEndpoints')
      .values({ ...row, fingerprint: fingerprintOf(row) })
      .returning(columns)
      .executeTakeFirstOrThrow(),

  ofApp: async (db: Database, appId: AppId): Promise<UsedSniEndpoint[]> => {
    const all = await db
      .selectFrom('sniEndpoints')
      .select(columns)
      .where('appId', '=', appId)
      .orderBy('name')
      .execute();
    return all.length === 0 ? [] : withDomains(db, all);
  },

  /** By UUID or name, among those of one app. */
  find: async (db: Database, appId: AppId, idOrName: string): Promise<UsedSniEndpoint | undefined> => {
    const found = await db
      .selectFrom('sniEndpoints')
      .select(columns)
      .where('appId', '=', appId)
      .where(isUuid(idOrName) ? 'id' : 'name', '=', idOrName as SniEndpointId) // a UUID after the check beside it
      .execute();
    return found.length === 0 ? undefined : (await withDomains(db, found))[0];
  },

  byRequestKey: async (db: Database, requestKey: string): Promise<UsedSniEndpoint | undefined> => {
    const found = await db.selectFrom('sniEndpoints').select(columns).where('requestKey', '=', requestKey).execute();
    return found.length === 0 ? undefined : (await withDomains(db, found))[0];
  },

  /** Chain and sealed key. */
  certificate: (
    db: Database,
    id: SniEndpointId,
  ): Promise<Pick<Row, 'certificateChain' | 'sealedKey' | 'fingerprint'> | undefined> =>
    db
      .selectFrom('sniEndpoints')
      .select(['certificateChain', 'sealedKey', 'fingerprint'])
      .where('id', '=', id)
      .executeTakeFirst(),

  /** Puts another certificate in its place. */
  replace: async (tx: Database, id: SniEndpointId, certificate: KeptCertificate, acm: boolean): Promise<void> => {
    await tx
      .updateTable('sniEndpoints')
      .set({ ...certificate, acm, fingerprint: fingerprintOf(certificate), updatedAt: new Date() })
      .where('id', '=', id)
      .execute();
  },

  remove: async (tx: Database, id: SniEndpointId): Promise<void> => {
    await tx.deleteFrom('sniEndpoints').where('id', '=', id).execute();
  },

  /** Those that an ACME authority issued for the app's domains. */
  removeManaged: async (tx: Database, appId: AppId): Promise<void> => {
    await tx.deleteFrom('sniEndpoints').where('appId', '=', appId).where('acm', '=', true).execute();
  },
};
