import { type Selectable, sql } from 'kysely';
import type { AcmeChallenge, OrderStage } from '../domain/certificate-order.ts';
import type { AppId, DomainId } from '../domain/ids.ts';
import type { Database } from './database.ts';
import type { CertificateOrdersTable } from './tables.ts';

export type CertificateOrder = Selectable<CertificateOrdersTable>;

/** A domain whose certificate is had and renewed by itself, the certificate it has and the order that is under way. */
export interface ManagedDomain {
  readonly id: DomainId;
  readonly appId: AppId;
  readonly hostname: string;
  readonly startsAt: Date | null;
  readonly expiresAt: Date | null;
  readonly order: CertificateOrder | undefined;
}

export interface OrderChange {
  readonly stage?: OrderStage;
  readonly directoryUrl?: string | null;
  readonly orderUrl?: string | null;
  readonly sealedKey?: Buffer | null;
  readonly challenge?: AcmeChallenge | null;
  readonly failures?: number;
  readonly problem?: string | null;
  readonly nextAttemptAt?: Date;
}

const columns = ({ challenge, ...rest }: OrderChange) => ({
  ...rest,
  ...(challenge === undefined ? {} : { challenge: JSON.stringify(challenge) }),
  updatedAt: new Date(),
});

export const certificateOrders = {
  /** Domains of apps with ACM, but for wildcards and those that the user gave a certificate. */
  managed: async (db: Database): Promise<ManagedDomain[]> => {
    const rows = await db
      .selectFrom('domains')
      .innerJoin('apps', 'apps.id', 'domains.appId')
      .leftJoin('sniEndpoints', 'sniEndpoints.id', 'domains.sniEndpointId')
      .select(['domains.id', 'domains.appId', 'domains.hostname', 'sniEndpoints.startsAt', 'sniEndpoints.expiresAt'])
      .where('apps.deletedAt', 'is', null)
      .where('apps.acm', '=', true)
      .where('domains.hostname', 'not like', '*%')
      .where((eb) => eb.or([eb('sniEndpoints.id', 'is', null), eb('sniEndpoints.acm', '=', true)]))
      .orderBy('domains.createdAt')
      .execute();
    const orders = await db.selectFrom('certificateOrders').selectAll().execute();
    const byDomain = new Map(orders.map((order) => [order.domainId, order]));
    return rows.map((row) => ({ ...row, order: byDomain.get(row.id) }));
  },

  /** The row of a domain, made when it has none. */
  begin: async (db: Database, domainId: DomainId): Promise<CertificateOrder> => {
    await db
      .insertInto('certificateOrders')
      .values({ domainId, directoryUrl: null, orderUrl: null, sealedKey: null, problem: null })
      .onConflict((on) => on.doNothing())
      .execute();
    return db.selectFrom('certificateOrders').selectAll().where('domainId', '=', domainId).executeTakeFirstOrThrow();
  },

  /** Notes how far it has come; nothing, when the row has been removed meanwhile. */
  note: async (db: Database, domainId: DomainId, change: OrderChange): Promise<void> => {
    await db.updateTable('certificateOrders').set(columns(change)).where('domainId', '=', domainId).execute();
  },

  remove: async (tx: Database, domainId: DomainId): Promise<void> => {
    await tx.deleteFrom('certificateOrders').where('domainId', '=', domainId).execute();
  },

  /** All orders of an app are due now, whatever failed before. */
  refresh: async (db: Database, appId: AppId): Promise<void> => {
    await db
      .updateTable('certificateOrders')
      // The way of proof changes with each failure: a domain whose port 80 is closed must not begin with it again.
      .set({ failures: sql<number>`failures % 2`, problem: null, nextAttemptAt: new Date(), updatedAt: new Date() })
      .where('domainId', 'in', db.selectFrom('domains').select('id').where('appId', '=', appId))
      .execute();
  },

  removeOfApp: async (tx: Database, appId: AppId): Promise<void> => {
    await tx
      .deleteFrom('certificateOrders')
      .where('domainId', 'in', tx.selectFrom('domains').select('id').where('appId', '=', appId))
      .execute();
  },

  /** Challenges that visitors may see now, of one app or of all. */
  challenges: async (
    db: Database,
    appId?: AppId,
  ): Promise<{ appId: AppId; domainId: DomainId; hostname: string; challenge: AcmeChallenge }[]> => {
    const query = db
      .selectFrom('certificateOrders')
      .innerJoin('domains', 'domains.id', 'certificateOrders.domainId')
      .select(['domains.appId', 'domains.id as domainId', 'domains.hostname', 'certificateOrders.challenge']);
    const rows = await (appId === undefined ? query : query.where('domains.appId', '=', appId)).execute();
    return rows.flatMap(({ challenge, ...row }) => (challenge === null ? [] : [{ ...row, challenge }]));
  },
};
