import type { AppId, DynoId } from '../domain/ids.ts';
import type { RoutedApp, RoutedDyno, RouteSnapshot } from '../domain/route-snapshot.ts';
import { DynoTarget } from './dyno-target.ts';

/** What an app has under way on this router; it outlives snapshots. */
export interface AppLoad {
  /** Requests without those that became tunnels. */
  requests: number;
  /** Requests and tunnels. */
  connections: number;
}

/** One app with the dynos of its current snapshot. */
export interface AppRoute {
  readonly app: RoutedApp;
  readonly targets: readonly DynoTarget[];
  readonly load: AppLoad;
  /** False once a snapshot has replaced it. */
  isCurrent: boolean;
}

const emptySnapshot: RouteSnapshot = { version: 0, apps: {}, hosts: {}, certificates: {} };

/** The one wildcard that covers a name: it stands for exactly one label. */
const wildcardOf = (host: string): string => {
  const dot = host.indexOf('.');
  return dot < 0 ? '' : `*${host.slice(dot)}`;
};

const keyOf = (dyno: RoutedDyno): string => `${dyno.id} ${dyno.host} ${dyno.port}`;

/**
 * The routes in force. A new snapshot replaces them in one step; a dyno that it no longer names is retiring until
 * its last request has ended, and only then are its connections closed.
 */
export class RouteTable {
  #snapshot = emptySnapshot;
  #routes = new Map<string, AppRoute>();
  #hosts = new Map<string, AppRoute>();
  #certificates = new Map<string, string>();
  #acmeCertificates = new Map<string, string>();
  #targets = new Map<string, DynoTarget>();
  readonly #retiring = new Map<string, DynoTarget>();
  readonly #waiting = new Set<() => void>();
  /** Called each time a retiring dyno has become free. */
  onFreed: () => void = () => undefined;

  get version(): number {
    return this.#snapshot.version;
  }

  /** @param host lower-case, without port. */
  findHost(host: string): AppRoute | undefined {
    return this.#hosts.get(host) ?? this.#hosts.get(wildcardOf(host));
  }

  findApp(id: AppId): AppRoute | undefined {
    return this.#routes.get(id);
  }

  /** What has taken the place of an app's route since it was found; undefined when the app is gone. */
  current(route: AppRoute): AppRoute | undefined {
    return route.isCurrent ? route : this.#routes.get(route.app.id);
  }

  /** PEM file of a lower-case host name. */
  certificateFile(host: string): string | undefined {
    return this.#certificates.get(host) ?? this.#certificates.get(wildcardOf(host));
  }

  /** Answer to an HTTP-01 challenge that is under way. */
  acmeAnswer(token: string): string | undefined {
    const tokens = this.#snapshot.acmeTokens;
    return tokens && Object.hasOwn(tokens, token) ? tokens[token] : undefined;
  }

  /** Whether TLS-ALPN-01 challenges are under way. */
  get hasAcmeCertificates(): boolean {
    return this.#acmeCertificates.size > 0;
  }

  /** PEM file that answers the TLS-ALPN-01 challenge for a lower-case host name. */
  acmeCertificateFile(host: string): string | undefined {
    return this.#acmeCertificates.get(host);
  }

  /** Closes connections to dynos that have been idle for too long. */
  sweep(nowMs: number): void {
    for (const target of this.#targets.values()) target.sweep(nowMs);
  }

  /** Dynos that are no longer routed to and still carry requests. */
  busy(): DynoId[] {
    return [...this.#retiring.values()].map(({ dyno }) => dyno.id);
  }

  apply(snapshot: RouteSnapshot): void {
    const targets = new Map<string, DynoTarget>();
    const routes = new Map<string, AppRoute>();
    for (const app of Object.values(snapshot.apps)) {
      routes.set(app.id, {
        app,
        targets: app.dynos.map((dyno) => {
          const key = keyOf(dyno);
          const target = this.#targets.get(key) ?? this.#retiring.get(key) ?? new DynoTarget(dyno);
          if (this.#retiring.delete(key)) target.isRetiring = false;
          targets.set(key, target);
          return target;
        }),
        load: this.#routes.get(app.id)?.load ?? { requests: 0, connections: 0 },
        isCurrent: true,
      });
    }
    const hosts = new Map<string, AppRoute>();
    for (const [host, id] of Object.entries(snapshot.hosts)) {
      const route = routes.get(id);
      if (route) hosts.set(host, route);
    }
    for (const route of this.#routes.values()) route.isCurrent = false;
    const before = this.#targets;
    this.#snapshot = snapshot;
    this.#routes = routes;
    this.#hosts = hosts;
    this.#certificates = new Map(Object.entries(snapshot.certificates));
    this.#acmeCertificates = new Map(Object.entries(snapshot.acmeCertificates ?? {}));
    this.#targets = targets;
    for (const [key, target] of before) {
      if (targets.has(key)) continue;
      if (target.requests > 0) {
        target.isRetiring = true;
        this.#retiring.set(key, target);
      } else target.close();
    }
    this.wake();
  }

  /** Ends one request's claim on a dyno. */
  release(target: DynoTarget): void {
    target.requests--;
    if (target.requests > 0 || !target.isRetiring) return;
    target.isRetiring = false;
    this.#retiring.delete(keyOf(target.dyno));
    target.close();
    this.onFreed();
  }

  /** Lets everyone who waits look again. */
  wake(): void {
    for (const look of [...this.#waiting]) look();
  }

  /** Resolves at the next change, after `ms`, or on abort, whichever is first. */
  changed(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', look);
        this.#waiting.delete(look);
        resolve();
      };
      const timer = setTimeout(look, ms);
      this.#waiting.add(look);
      signal.addEventListener('abort', look);
      if (signal.aborted) look();
    });
  }
}
