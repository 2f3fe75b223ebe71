import type { AppId, DynoId } from '../domain/ids.ts';
import type { Changed, RouteChanges, RoutedApp, RoutedDyno, RouteSnapshot } from '../domain/route-snapshot.ts';
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
  /** False once changes have replaced it. */
  isCurrent: boolean;
}

/** What stands for an app id: routes may name an app before it is there, and after it has gone. */
interface Slot {
  readonly id: string;
  route: AppRoute | undefined;
  /** How many host names lead here. */
  hosts: number;
}

/** The one wildcard that covers a name: it stands for exactly one label. */
const wildcardOf = (host: string): string => {
  const dot = host.indexOf('.');
  return dot < 0 ? '' : `*${host.slice(dot)}`;
};

const keyOf = (dyno: RoutedDyno): string => `${dyno.id} ${dyno.host} ${dyno.port}`;

const put = <Value>(map: Map<string, Value>, changes: Changed<Value>): void => {
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) map.delete(key);
    else map.set(key, value);
  }
};

/** The changes that leave nothing but `next` of what is known. */
const replacing = <Value>(
  known: ReadonlyMap<string, unknown>,
  next: Readonly<Record<string, Value>> = {},
): Changed<Value> => {
  const changes: Record<string, Value | null> = { ...next };
  for (const key of known.keys()) if (!Object.hasOwn(next, key)) changes[key] = null;
  return changes;
};

/**
 * The routes in force. Changes come into force in one step and cost what they change, not what there is; a dyno that is
 * no longer named is retiring until its last request has ended, and only then are its connections closed.
 */
export class RouteTable {
  #version = 0;
  readonly #apps = new Map<string, Slot>();
  readonly #hosts = new Map<string, Slot>();
  readonly #certificates = new Map<string, string>();
  readonly #acmeTokens = new Map<string, string>();
  readonly #acmeCertificates = new Map<string, string>();
  readonly #targets = new Map<string, DynoTarget>();
  readonly #retiring = new Map<string, DynoTarget>();
  readonly #waiting = new Set<() => void>();
  /** Called each time a retiring dyno has become free. */
  onFreed: () => void = () => undefined;

  get version(): number {
    return this.#version;
  }

  /** @param host lower-case, without port. */
  findHost(host: string): AppRoute | undefined {
    return this.#hosts.get(host)?.route ?? this.#hosts.get(wildcardOf(host))?.route;
  }

  findApp(id: AppId): AppRoute | undefined {
    return this.#apps.get(id)?.route;
  }

  /** What has taken the place of an app's route since it was found; undefined when the app is gone. */
  current(route: AppRoute): AppRoute | undefined {
    return route.isCurrent ? route : this.findApp(route.app.id);
  }

  /** PEM file of a lower-case host name. */
  certificateFile(host: string): string | undefined {
    return this.#certificates.get(host) ?? this.#certificates.get(wildcardOf(host));
  }

  /** Answer to an HTTP-01 challenge that is under way. */
  acmeAnswer(token: string): string | undefined {
    return this.#acmeTokens.get(token);
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

  /** Puts a whole snapshot in the place of what was there. */
  apply(snapshot: RouteSnapshot): void {
    this.change({
      version: snapshot.version,
      apps: replacing(this.#apps, snapshot.apps),
      hosts: replacing(this.#hosts, snapshot.hosts),
      certificates: replacing(this.#certificates, snapshot.certificates),
      acmeTokens: replacing(this.#acmeTokens, snapshot.acmeTokens),
      acmeCertificates: replacing(this.#acmeCertificates, snapshot.acmeCertificates),
    });
  }

  /** Changes nothing else. A dyno belongs to one app. */
  change(changes: Omit<RouteChanges, 'from'>): void {
    this.#version = changes.version;
    const before = new Set<DynoTarget>();
    for (const id of Object.keys(changes.apps)) {
      for (const target of this.#apps.get(id)?.route?.targets ?? []) before.add(target);
    }
    for (const [id, app] of Object.entries(changes.apps)) this.#putApp(id, app, before);
    for (const [host, id] of Object.entries(changes.hosts)) this.#putHost(host, id);
    put(this.#certificates, changes.certificates);
    put(this.#acmeTokens, changes.acmeTokens);
    put(this.#acmeCertificates, changes.acmeCertificates);
    for (const target of before) this.#retire(target);
    this.wake();
  }

  /** @param leftover targets of changed apps; those that stay are taken out */
  #putApp(id: string, app: RoutedApp | null, leftover: Set<DynoTarget>): void {
    const slot = this.#slot(id);
    const { route } = slot;
    if (route) route.isCurrent = false;
    if (app) {
      const targets = app.dynos.map((dyno) => {
        const target = this.#target(dyno);
        leftover.delete(target);
        return target;
      });
      slot.route = { app, targets, load: route?.load ?? { requests: 0, connections: 0 }, isCurrent: true };
    } else slot.route = undefined;
    this.#forget(slot);
  }

  #putHost(host: string, id: AppId | null): void {
    const before = this.#hosts.get(host);
    if (id === null) this.#hosts.delete(host);
    else {
      const slot = this.#slot(id);
      slot.hosts++;
      this.#hosts.set(host, slot);
    }
    if (!before) return;
    before.hosts--;
    this.#forget(before);
  }

  #slot(id: string): Slot {
    let slot = this.#apps.get(id);
    if (!slot) {
      slot = { id, route: undefined, hosts: 0 };
      this.#apps.set(id, slot);
    }
    return slot;
  }

  /** Lets go of what stands for no app and is named by nobody. */
  #forget(slot: Slot): void {
    if (!slot.route && slot.hosts === 0) this.#apps.delete(slot.id);
  }

  #target(dyno: RoutedDyno): DynoTarget {
    const key = keyOf(dyno);
    const target = this.#targets.get(key) ?? this.#retiring.get(key) ?? new DynoTarget(dyno);
    if (this.#retiring.delete(key)) target.isRetiring = false;
    this.#targets.set(key, target);
    return target;
  }

  #retire(target: DynoTarget): void {
    const key = keyOf(target.dyno);
    this.#targets.delete(key);
    if (target.requests > 0) {
      target.isRetiring = true;
      this.#retiring.set(key, target);
    } else target.close();
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
