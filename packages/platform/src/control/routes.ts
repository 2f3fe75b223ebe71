import { endToEndContinue, noDynoKeepAlive, sessionAffinity } from '../contract/features.data.ts';
import type { AppId, DynoId } from '../domain/ids.ts';
import type { RoutedApp, RouteSnapshot } from '../domain/route-snapshot.ts';
import type { AppRoute, RoutePort } from '../runtime/ports.ts';
import type { AppFacts } from './app-facts.ts';
import type { MediaRoute } from './object-storage.ts';

/** The router's end of the route socket. */
export interface RouterSide {
  /** Resolves when every connected router worker has applied it, or a bounded time later. */
  publish(snapshot: RouteSnapshot): Promise<void>;
  untilFree(id: DynoId, timeoutMs: number): Promise<void>;
}

/** Where apps' facts are read. */
export interface FactsSource {
  one(appId: AppId): Promise<AppFacts | undefined>;
  all(): Promise<readonly AppFacts[]>;
}

const nowhere: AppRoute = { state: 'blank', dynos: [] };

const routedApp = (facts: AppFacts, { state, dynos }: AppRoute): RoutedApp => {
  const { app, errorPageUrl, maintenancePageUrl, features } = facts;
  return {
    id: app.id,
    name: app.name,
    state,
    maintenance: app.maintenance,
    dynos,
    ...(errorPageUrl === undefined ? {} : { errorPageUrl }),
    ...(maintenancePageUrl === undefined ? {} : { maintenancePageUrl }),
    ...(features.has(sessionAffinity) && { sessionAffinity: true }),
    ...(features.has(noDynoKeepAlive) && { noDynoKeepAlive: true }),
    ...(features.has(endToEndContinue) && { endToEndContinue: true }),
  };
};

/**
 * Joins what the store says of apps (names, domains, certificates, maintenance, pages) and what the reconciler says of their dynos into route snapshots.
 * Changes that come while a snapshot is on its way are sent together in the next one.
 */
export class Routes implements RoutePort {
  private readonly facts = new Map<AppId, AppFacts>();
  private readonly dynos = new Map<AppId, AppRoute>();
  private readonly loading = new Map<AppId, Promise<void>>();
  /** What snapshots say of apps, made anew only where facts or dynos are others: what is the same needs no comparing. */
  private readonly made = new WeakMap<AppFacts, { readonly route: AppRoute; readonly app: RoutedApp }>();
  private version = Date.now();
  private sending: Promise<void> = Promise.resolve();
  private waiting: Promise<void> | undefined;
  private readonly source: FactsSource;
  private readonly side: RouterSide;
  private readonly fallbackCertificate: string;
  private readonly keepFiles: (paths: ReadonlySet<string>) => Promise<void>;
  private readonly media: () => MediaRoute | undefined;
  private inForce: RouteSnapshot | undefined;

  constructor(options: {
    source: FactsSource;
    side: RouterSide;
    fallbackCertificate: string;
    /** Told which certificate files are needed, when that has become certain. */
    keepFiles: (paths: ReadonlySet<string>) => Promise<void>;
    /** Where visitors reach buckets; none while there are none. */
    media?: () => MediaRoute | undefined;
  }) {
    this.source = options.source;
    this.side = options.side;
    this.fallbackCertificate = options.fallbackCertificate;
    this.keepFiles = options.keepFiles;
    this.media = options.media ?? (() => undefined);
  }

  /**
   * Reads every app once, at start. Until the reconciler has spoken of an app, its dynos are those of the last
   * snapshot, so that the first news of one app takes no other off the air.
   */
  async loadAll(last: RouteSnapshot | undefined): Promise<void> {
    this.version = Math.max(this.version, last?.version ?? 0);
    for (const { id, state, dynos } of Object.values(last?.apps ?? {})) this.dynos.set(id, { state, dynos });
    for (const facts of await this.source.all()) this.facts.set(facts.app.id, facts);
  }

  /** Looks at an app's rows again; resolves when what changed of them is in force. */
  async refresh(appId: AppId): Promise<void> {
    const before = this.described(appId);
    await this.load(appId);
    if (this.described(appId) !== before) await this.send();
    else await (this.waiting ?? this.sending);
    await this.sweep();
  }

  /** Sends what is known, changed or not, and lets go of files that an earlier process has left. */
  async resend(): Promise<void> {
    await this.send();
    await this.sweep();
  }

  async publish(appId: AppId, route: AppRoute | undefined): Promise<void> {
    if (route === undefined) {
      this.dynos.delete(appId);
      this.facts.delete(appId);
    } else {
      this.dynos.set(appId, route);
      if (!this.facts.has(appId)) await this.load(appId);
    }
    await this.send();
  }

  untilFree(id: DynoId, timeoutMs: number): Promise<void> {
    return this.side.untilFree(id, timeoutMs);
  }

  /** One after the other for each app, so that what was read last is what stays. */
  private load(appId: AppId): Promise<void> {
    const next = (this.loading.get(appId) ?? Promise.resolve())
      .catch(() => undefined)
      .then(async () => {
        const facts = await this.source.one(appId);
        if (facts === undefined) this.facts.delete(appId);
        else this.facts.set(appId, facts);
      });
    this.loading.set(appId, next);
    const done = (): void => {
      if (this.loading.get(appId) === next) this.loading.delete(appId);
    };
    next.then(done, done);
    return next;
  }

  private send(): Promise<void> {
    this.waiting ??= this.sending
      .catch(() => undefined)
      .then(async () => {
        this.waiting = undefined;
        this.sending = this.putInForce(this.snapshot());
        await this.sending;
      });
    return this.waiting;
  }

  private async putInForce(snapshot: RouteSnapshot): Promise<void> {
    await this.side.publish(snapshot);
    this.inForce = snapshot;
  }

  /** Lets go of files that neither the workers nor what they get next names; not while somebody is about to name one. */
  private async sweep(): Promise<void> {
    if (this.inForce === undefined || this.loading.size > 0) return;
    const { certificates, acmeCertificates = {} } = this.inForce;
    const paths = new Set([...Object.values(certificates), ...Object.values(acmeCertificates)]);
    for (const facts of this.facts.values()) {
      for (const [, file] of facts.certificates) paths.add(file);
      for (const [, file] of facts.acmeCertificates) paths.add(file);
    }
    await this.keepFiles(paths);
  }

  private snapshot(): RouteSnapshot {
    this.version = Math.max(this.version + 1, Date.now());
    const apps: Record<string, RoutedApp> = {};
    const hosts: Record<string, AppId> = {};
    const certificates: Record<string, string> = { localhost: this.fallbackCertificate };
    const acmeTokens: Record<string, string> = {};
    const acmeCertificates: Record<string, string> = {};
    for (const facts of this.facts.values()) {
      apps[facts.app.id] = this.routed(facts);
      for (const host of facts.hosts) hosts[host] = facts.app.id;
      for (const [host, file] of facts.certificates) certificates[host] = file;
      for (const [token, keyAuthorization] of facts.acmeTokens) acmeTokens[token] = keyAuthorization;
      for (const [host, file] of facts.acmeCertificates) acmeCertificates[host] = file;
    }
    const media = this.media();
    if (media !== undefined) {
      apps[media.app.id] = media.app;
      for (const host of media.hosts) {
        hosts[host] ??= media.app.id;
        certificates[host] ??= media.certificate;
      }
    }
    return { version: this.version, apps, hosts, certificates, acmeTokens, acmeCertificates };
  }

  /** All that a snapshot says of an app. */
  private described(appId: AppId): string {
    const facts = this.facts.get(appId);
    if (facts === undefined) return '';
    const { hosts, certificates, acmeTokens, acmeCertificates } = facts;
    return JSON.stringify([this.routed(facts), hosts, certificates, acmeTokens, acmeCertificates]);
  }

  private routed(facts: AppFacts): RoutedApp {
    const route = this.dynos.get(facts.app.id) ?? nowhere;
    const made = this.made.get(facts);
    if (made?.route === route) return made.app;
    const app = routedApp(facts, route);
    this.made.set(facts, { route, app });
    return app;
  }
}
