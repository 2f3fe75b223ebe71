import { createHash } from 'node:crypto';
import { endToEndContinue, noDynoKeepAlive, sessionAffinity } from '../contract/features.data.ts';
import { endpointKeyContext } from '../contract/seal-contexts.ts';
import type { AcmeChallenge } from '../domain/certificate-order.ts';
import type { AppId, DomainId } from '../domain/ids.ts';
import type { Releases } from '../release/releases.ts';
import type { Keyring } from '../secrets/keyring.ts';
import { type App, apps } from '../store/apps.ts';
import { certificateOrders } from '../store/certificate-orders.ts';
import type { Database } from '../store/database.ts';
import { domains, type RoutedDomain } from '../store/domains.ts';
import { features } from '../store/features.ts';
import { sniEndpoints } from '../store/sni-endpoints.ts';
import type { CertificateFiles } from './certificate-files.ts';

/** What decides an app's routes beside its dynos. */
export interface AppFacts {
  readonly app: App;
  /** Its own host name and its domains. */
  readonly hosts: readonly string[];
  /** Host name and PEM file. */
  readonly certificates: readonly (readonly [string, string])[];
  /** Token and key authorization. */
  readonly acmeTokens: readonly (readonly [string, string])[];
  /** Host name and PEM file. */
  readonly acmeCertificates: readonly (readonly [string, string])[];
  readonly errorPageUrl: string | undefined;
  readonly maintenancePageUrl: string | undefined;
  /** Of those that concern the router, what is on. */
  readonly features: ReadonlySet<string>;
}

type Challenge = {
  readonly appId: AppId;
  readonly domainId: DomainId;
  readonly hostname: string;
  readonly challenge: AcmeChallenge;
};

interface Rows {
  readonly domains: readonly RoutedDomain[];
  readonly challenges: readonly Challenge[];
  readonly features: ReadonlySet<string>;
}

/** Files that are made at the same time, when many are missing. */
const filesAtOnce = 16;

const noRows: Rows = { domains: [], challenges: [], features: new Set() };
const routerFeatures: readonly string[] = [sessionAffinity, endToEndContinue, noDynoKeepAlive];

const onFeatures = async (db: Database, appId: AppId): Promise<ReadonlySet<string>> => {
  const states = await features.ofApp(db, appId);
  return new Set(
    states.filter(({ name, enabled }) => enabled && routerFeatures.includes(name)).map(({ name }) => name),
  );
};

/** Reads what the store says of apps' routes, and sees to the files that it names. */
export class AppFactsReader {
  private readonly options: {
    readonly db: Database;
    readonly releases: Releases;
    readonly keyring: Keyring;
    readonly files: CertificateFiles;
    readonly hostOf: (name: string) => string;
    /** The local authority's certificate of an app's own host name. */
    readonly certificateFor: (host: string) => Promise<string>;
    /** The certificate, key first, that answers a TLS-ALPN-01 challenge (RFC 8737). */
    readonly challengeCertificate: (hostname: string, keyAuthorization: string) => string;
    readonly onFault: (error: unknown) => void;
  };

  constructor(options: AppFactsReader['options']) {
    this.options = options;
  }

  /** Undefined when there is no such app, or it is being removed. */
  async one(appId: AppId): Promise<AppFacts | undefined> {
    const { db } = this.options;
    const app = await apps.find(db, appId);
    if (app === undefined) return undefined;
    return this.read(app, {
      domains: await domains.routed(db, appId),
      challenges: await certificateOrders.challenges(db, appId),
      features: await onFeatures(db, appId),
    });
  }

  /** Of every app, with as few questions as for one. */
  async all(): Promise<readonly AppFacts[]> {
    const { db } = this.options;
    const byApp = new Map<AppId, { domains: RoutedDomain[]; challenges: Challenge[]; features: Set<string> }>();
    const rowsOf = (appId: AppId) => {
      const rows = byApp.get(appId) ?? { domains: [], challenges: [], features: new Set() };
      byApp.set(appId, rows);
      return rows;
    };
    for (const domain of await domains.routed(db)) rowsOf(domain.appId).domains.push(domain);
    for (const challenge of await certificateOrders.challenges(db)) rowsOf(challenge.appId).challenges.push(challenge);
    for (const name of routerFeatures) {
      for (const appId of await features.appsWith(db, name)) rowsOf(appId).features.add(name);
    }
    const all: AppFacts[] = [];
    for (const app of await apps.all(db)) all.push(await this.read(app, byApp.get(app.id) ?? noRows));
    return all;
  }

  private async read(app: App, rows: Rows): Promise<AppFacts> {
    const config = await this.options.releases.config(app.id);
    const host = this.options.hostOf(app.name);
    const certificates: (readonly [string, string])[] = [[host, await this.options.certificateFor(host)]];
    for (let at = 0; at < rows.domains.length; at += filesAtOnce) {
      const some = rows.domains.slice(at, at + filesAtOnce);
      const files = await Promise.all(some.map((domain) => this.endpointFile(domain)));
      for (const [index, { hostname }] of some.entries()) {
        const file = files[index];
        if (file !== undefined) certificates.push([hostname, file]);
      }
    }
    const acmeTokens: (readonly [string, string])[] = [];
    const acmeCertificates: (readonly [string, string])[] = [];
    for (const { domainId, hostname, challenge } of rows.challenges) {
      if (challenge.type === 'http-01') acmeTokens.push([challenge.token, challenge.keyAuthorization]);
      else {
        const file = await this.challengeFile(domainId, hostname, challenge.keyAuthorization);
        if (file !== undefined) acmeCertificates.push([hostname, file]);
      }
    }
    return {
      app,
      hosts: [host, ...rows.domains.map(({ hostname }) => hostname)],
      certificates,
      acmeTokens,
      acmeCertificates,
      errorPageUrl: config.ERROR_PAGE_URL,
      maintenancePageUrl: config.MAINTENANCE_PAGE_URL,
      features: rows.features,
    };
  }

  /** A certificate that can't be opened leaves its domain without, and every other as it is. */
  private async endpointFile({ endpoint }: RoutedDomain): Promise<string | undefined> {
    if (endpoint === undefined) return undefined;
    const { db, files, keyring, onFault } = this.options;
    const { id } = endpoint;
    const made = files.file(`${id}-${endpoint.fingerprint.slice(0, 16)}`, async () => {
      const row = await sniEndpoints.certificate(db, id);
      return row && `${keyring.open(row.sealedKey, endpointKeyContext(id)).toString('utf8')}${row.certificateChain}`;
    });
    return made.catch((error: unknown) => {
      onFault(error);
      return undefined;
    });
  }

  private challengeFile(domainId: DomainId, hostname: string, keyAuthorization: string): Promise<string | undefined> {
    const digest = createHash('sha256').update(keyAuthorization).digest('hex').slice(0, 16);
    return this.options.files.file(`challenge-${domainId}-${digest}`, async () =>
      this.options.challengeCertificate(hostname, keyAuthorization),
    );
  }
}
