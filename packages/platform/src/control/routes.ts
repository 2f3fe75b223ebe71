import type { AppId, DynoId } from '../domain/ids.ts';
import type { RoutedApp, RouteSnapshot } from '../domain/route-snapshot.ts';
import type { Releases } from '../release/releases.ts';
import type { AppRoute, RoutePort } from '../runtime/ports.ts';
import { type App, apps } from '../store/apps.ts';
import type { Database } from '../store/database.ts';

/** The router's end of the route socket. */
export interface RouterSide {
  /** Resolves when every connected router worker has applied it, or a bounded time later. */
  publish(snapshot: RouteSnapshot): Promise<void>;
  untilFree(id: DynoId, timeoutMs: number): Promise<void>;
}

/** What decides an app's route beside its dynos. */
interface AppFacts {
  readonly app: App;
  readonly host: string;
  readonly certificate: string;
  readonly errorPageUrl: string | undefined;
  readonly maintenancePageUrl: string | undefined;
}

/**
 * Joins what the store says of apps (names, maintenance, pages) and what the reconciler says of their dynos into route snapshots.
 * Changes that come while a snapshot is on its way are sent together in the next one.
 */
export class Routes implements RoutePort {
  private readonly facts = new Map<AppId, AppFacts>();
  private readonly dynos = new Map<AppId, AppRoute>();
  private version = Date.now();
  private sending: Promise<void> = Promise.resolve();
  private waiting: Promise<void> | undefined;
  private readonly db: Database;
  private readonly releases: Releases;
  private readonly side: RouterSide;
  private readonly hostOf: (name: string) => string;
  private readonly certificateFor: (host: string) => Promise<string>;
  private readonly fallbackCertificate: string;

  constructor(options: {
    db: Database;
    releases: Releases;
    side: RouterSide;
    hostOf: (name: string) => string;
    certificateFor: (host: string) => Promise<string>;
    fallbackCertificate: string;
  }) {
    this.db = options.db;
    this.releases = options.releases;
    this.side = options.side;
    this.hostOf = options.hostOf;
    this.certificateFor = options.certificateFor;
    this.fallbackCertificate = options.fallbackCertificate;
  }

  /**
   * Reads every app once, at start. Until the reconciler has spoken of an app, its dynos are those of the last
   * snapshot, so that the first news of one app takes no other off the air.
   */
  async loadAll(last: RouteSnapshot | undefined): Promise<void> {
    this.version = Math.max(this.version, last?.version ?? 0);
    for (const { id, state, dynos } of Object.values(last?.apps ?? {})) this.dynos.set(id, { state, dynos });
    for (const app of await apps.all(this.db)) await this.load(app.id);
  }

  /** Looks at an app's row again and publishes what changed: name, maintenance, pages, or that it is gone. */
  async refresh(appId: AppId): Promise<void> {
    const before = JSON.stringify(this.routedById(appId));
    await this.load(appId);
    if (JSON.stringify(this.routedById(appId)) !== before) await this.send();
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

  private async load(appId: AppId): Promise<void> {
    const app = await apps.find(this.db, appId);
    if (app === undefined) {
      this.facts.delete(appId);
      return;
    }
    const config = await this.releases.config(appId);
    const host = this.hostOf(app.name);
    this.facts.set(appId, {
      app,
      host,
      certificate: await this.certificateFor(host),
      errorPageUrl: config.ERROR_PAGE_URL,
      maintenancePageUrl: config.MAINTENANCE_PAGE_URL,
    });
  }

  private send(): Promise<void> {
    this.waiting ??= this.sending.then(() => {
      this.waiting = undefined;
      this.sending = this.side.publish(this.snapshot());
      return this.sending;
    });
    return this.waiting;
  }

  private snapshot(): RouteSnapshot {
    const all = [...this.facts.values()];
    this.version = Math.max(this.version + 1, Date.now());
    return {
      version: this.version,
      apps: Object.fromEntries(all.map((facts) => [facts.app.id, this.routed(facts)])),
      hosts: Object.fromEntries(all.map(({ host, app }) => [host, app.id])),
      certificates: {
        localhost: this.fallbackCertificate,
        ...Object.fromEntries(all.map(({ host, certificate }) => [host, certificate])),
      },
    };
  }

  private routedById(appId: AppId): readonly [string, RoutedApp] | undefined {
    const facts = this.facts.get(appId);
    return facts === undefined ? undefined : [facts.host, this.routed(facts)];
  }

  private routed({ app, errorPageUrl, maintenancePageUrl }: AppFacts): RoutedApp {
    const { state, dynos } = this.dynos.get(app.id) ?? { state: 'blank', dynos: [] };
    return {
      id: app.id,
      name: app.name,
      state,
      maintenance: app.maintenance,
      dynos,
      ...(errorPageUrl === undefined ? {} : { errorPageUrl }),
      ...(maintenancePageUrl === undefined ? {} : { maintenancePageUrl }),
    };
  }
}
