import type { AppId, DynoId } from './ids.ts';

/** Where the router finds one up web dyno. */
export interface RoutedDyno {
  readonly id: DynoId;
  /** As in logs: `web.1`. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/**
 * What the router knows of one app.
 * - `blank`: no release with code yet (H81)
 * - `idle`: no web process type, or web scaled to 0 (H14)
 * - `crashed`: web dynos wanted, all crashed (H10)
 * - `booting`: web dynos wanted, none up yet: requests queue for up to 75 s, then H20
 * - `up`: at least one dyno in `dynos`
 */
export interface RoutedApp {
  readonly id: AppId;
  readonly name: string;
  readonly state: 'blank' | 'idle' | 'crashed' | 'booting' | 'up';
  readonly maintenance: boolean;
  readonly dynos: readonly RoutedDyno[];
  /** Config var ERROR_PAGE_URL, shown in place of the router's own error page. */
  readonly errorPageUrl?: string;
  /** Config var MAINTENANCE_PAGE_URL. */
  readonly maintenancePageUrl?: string;
  /** Requests of one visitor go to one dyno while it is there. @see Dev Center "Session Affinity" */
  readonly sessionAffinity?: boolean;
  /** Each request has a connection of its own to its dyno. @see Dev Center "HTTP Routing", "Keepalives" */
  readonly noDynoKeepAlive?: boolean;
  /** The dyno itself says whether a body is wanted, in place of the router. @see Dev Center "HTTP Routing", "Expect: 100-continue" */
  readonly endToEndContinue?: boolean;
}

/** The whole of what the router knows; kept on disk. */
export interface RouteSnapshot {
  /** Grows with every change, also across restarts of control. */
  readonly version: number;
  readonly apps: Readonly<Record<string, RoutedApp>>;
  /** Lower-case host name without port, or a wildcard (`*.example.com`: one label more) -> app. An exact name wins. */
  readonly hosts: Readonly<Record<string, AppId>>;
  /** Lower-case host name or wildcard -> PEM file that holds a private key followed by its certificate chain, mode 0600. */
  readonly certificates: Readonly<Record<string, string>>;
  /** HTTP-01 challenges under way: token -> key authorization, answered over http for every host (RFC 8555 section 8.3). */
  readonly acmeTokens?: Readonly<Record<string, string>>;
  /** TLS-ALPN-01 challenges under way: host name -> PEM file as in `certificates` (RFC 8737). */
  readonly acmeCertificates?: Readonly<Record<string, string>>;
}

/** What became of values by their keys; null: it is gone. */
export type Changed<Value> = Readonly<Record<string, Value | null>>;

/** All that tells one snapshot from an earlier one; applied atomically, as a whole snapshot is. */
export interface RouteChanges {
  /** Version of the snapshot that they make another of. */
  readonly from: number;
  readonly version: number;
  readonly apps: Changed<RoutedApp>;
  readonly hosts: Changed<AppId>;
  readonly certificates: Changed<string>;
  readonly acmeTokens: Changed<string>;
  readonly acmeCertificates: Changed<string>;
}

/** One access or error line of the router, for the app's log. */
export interface RouterLine {
  readonly appId: AppId;
  /** Unix time in milliseconds. */
  readonly atMs: number;
  /** `at=info method=GET path="/" host=...`, Dev Center "HTTP Routing". */
  readonly text: string;
}

/**
 * What both ends of the route socket speak. It grows when a change of the messages or the lines below would be
 * misread by a process that runs older code; who says nothing speaks 1.
 */
export const routeSpeech = 2;

/**
 * Control -> router worker, one JSON object a line over the route socket; nothing before the worker's `hello`.
 * `snapshot` answers a `hello` that names an older version, and `missed`; from then on there are `changes`, which build
 * on the version that was sent before. `kept` answers `lines`: control has taken that batch over, the worker may forget it.
 */
export type ToRouter =
  | { readonly type: 'snapshot'; readonly speaks?: number; readonly snapshot: RouteSnapshot }
  | { readonly type: 'changes'; readonly speaks?: number; readonly changes: RouteChanges }
  | { readonly type: 'kept'; readonly batch: number };

/**
 * Router worker -> control, one JSON object a line, `hello` first. `lines` ends a batch of so many lines of text that came before it
 * (a RouterLine each, in latin1: app id, time and text with spaces between; none begins with a brace).
 * `busy` lists dynos that the snapshot no longer names and that still carry requests of this worker; it is
 * sent with `applied` and again, with the same version, each time one of them becomes free. `missed` answers `changes`
 * that build on another version than the worker has.
 */
export type FromRouter =
  | { readonly type: 'hello'; readonly speaks?: number; readonly pid: number; readonly version: number }
  | { readonly type: 'applied'; readonly version: number; readonly busy: readonly DynoId[] }
  | { readonly type: 'missed'; readonly version: number }
  | { readonly type: 'lines'; readonly batch: number; readonly lines: number };
