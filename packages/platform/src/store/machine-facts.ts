import { sql } from 'kysely';
import type { AddOnId } from '../domain/ids.ts';
import type { Database } from './database.ts';

/** What the store knows of the whole platform. */
export interface StoreFacts {
  readonly version: string;
  readonly sizeBytes: number;
  readonly counts: Readonly<Record<'accounts' | 'apps' | 'dynos' | 'addons' | 'domains' | 'releases', number>>;
}

export interface ExpiringCertificate {
  readonly appName: string;
  readonly domains: string[];
  readonly acm: boolean;
  readonly startsAt: Date;
  readonly expiresAt: Date;
  /** Why getting the next one failed last. */
  readonly problem: string | null;
}

export interface NamedDatabase {
  readonly id: AddOnId;
  readonly name: string;
  readonly appName: string;
}

export const machineFacts = {
  read: async (db: Database): Promise<StoreFacts> => {
    const { rows } = await sql<StoreFacts['counts'] & { version: string; sizeBytes: number }>`SELECT
      current_setting('server_version') AS version,
      pg_database_size(current_database()) AS "sizeBytes",
      (SELECT count(*) FROM accounts) AS accounts,
      (SELECT count(*) FROM apps WHERE deleted_at IS NULL) AS apps,
      (SELECT count(*) FROM dynos WHERE state = 'up') AS dynos,
      (SELECT count(*) FROM add_ons WHERE state = 'provisioned') AS addons,
      (SELECT count(*) FROM domains) AS domains,
      (SELECT count(*) FROM releases WHERE status = 'succeeded') AS releases`.execute(db);
    const [row] = rows;
    if (row === undefined) throw new Error('a query without a table answered no row');
    const { version, sizeBytes, ...counts } = row;
    return { version, sizeBytes, counts };
  },

  /** Certificates of domains, those first that end first. */
  certificates: (db: Database, limit: number): Promise<ExpiringCertificate[]> =>
    db
      .selectFrom('sniEndpoints')
      .innerJoin('apps', 'apps.id', 'sniEndpoints.appId')
      .select(['apps.name as appName', 'certDomains as domains', 'sniEndpoints.acm', 'startsAt', 'expiresAt'])
      .select((eb) =>
        eb
          .selectFrom('domains')
          .innerJoin('certificateOrders', 'certificateOrders.domainId', 'domains.id')
          .select('certificateOrders.problem')
          .whereRef('domains.sniEndpointId', '=', 'sniEndpoints.id')
          .where('certificateOrders.problem', 'is not', null)
          .limit(1)
          .as('problem'),
      )
      .where('apps.deletedAt', 'is', null)
      .orderBy('expiresAt')
      .limit(limit)
      .execute(),

  /** PostgreSQL add-ons that are there, by name. */
  databases: (db: Database, limit: number): Promise<NamedDatabase[]> =>
    db
      .selectFrom('addOns')
      .innerJoin('apps', 'apps.id', 'addOns.appId')
      .select(['addOns.id', 'addOns.name', 'apps.name as appName'])
      .where('addOns.service', '=', 'heroku-postgresql')
      .where('addOns.state', '=', 'provisioned')
      .orderBy('addOns.name')
      .limit(limit)
      .execute(),
};
