import type { AppId, DynoId, ReleaseId } from '../domain/ids.ts';
import type { LogSink } from '../domain/log-line.ts';
import type { RoutedApp, RoutedDyno } from '../domain/route-snapshot.ts';
import type { Artifact, DynoUsage } from './driver.ts';

/** One entry of an app's formation. */
export interface DesiredProcess {
  readonly type: string;
  readonly quantity: number;
  readonly size: string;
}

/** What shall run of an app; an app that is being deleted isn't listed any more. */
export interface DesiredApp {
  readonly id: AppId;
  /** Unix uid and gid of its dynos. */
  readonly uid: number;
  /** The current release; undefined or without process types: nothing runs. */
  readonly release: { readonly id: ReleaseId; readonly version: number } | undefined;
  /** Process type -> command of the current release; empty while there is no code. */
  readonly processTypes: Readonly<Record<string, string>>;
  readonly formation: readonly DesiredProcess[];
}

/** What a dyno of a release is started from. */
export interface ReleaseContents {
  /** What a process type runs from; `run` and names that the release does not know run from what web runs from. */
  readonly artifact: (processType: string) => Artifact;
  /** All config vars, opened, with the metadata vars (HEROKU_APP_NAME and so on). */
  readonly env: Readonly<Record<string, string>>;
}

export interface DesiredPort {
  apps(): Promise<readonly DesiredApp[]>;
  app(id: AppId): Promise<DesiredApp | undefined>;
  /** Undefined when the release or its slug is gone. */
  release(id: ReleaseId): Promise<ReleaseContents | undefined>;
}

/** One run of one dyno; the row is there before its process and goes after it. */
export interface DynoRow {
  readonly id: DynoId;
  readonly appId: AppId;
  readonly releaseId: ReleaseId;
  readonly releaseVersion: number;
  readonly kind: 'formation' | 'run' | 'release';
  readonly type: string;
  readonly ordinal: number;
  readonly size: string;
  readonly command: string;
  readonly state: 'starting' | 'up' | 'crashed' | 'down' | 'idle' | 'stopping';
  readonly retire?: 'restart' | 'stop' | 'remove' | undefined;
  readonly attached: boolean;
  /** Extra env of a one-off dyno, opened. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly exitCode?: number | undefined;
  readonly crashCount: number;
  /** Unix time in milliseconds. */
  readonly nextStartAtMs?: number | undefined;
  readonly outputPosition?: string | undefined;
}

/** What the reconciler changes of a row. */
export type DynoChange = Partial<
  Pick<DynoRow, 'state' | 'host' | 'port' | 'exitCode' | 'crashCount' | 'nextStartAtMs'>
>;

export interface DynoRowPort {
  list(appId?: AppId): Promise<readonly DynoRow[]>;
  insert(row: DynoRow): Promise<void>;
  /** An unknown id is no fault: the row went with its app. */
  update(id: DynoId, change: DynoChange): Promise<void>;
  /** Apart from `update`, since it is no change of the dyno that users see in `updated_at`. */
  keepPosition(id: DynoId, outputPosition: string): Promise<void>;
  /** With the status that its process ended with, where there is one. */
  delete(id: DynoId, exitCode?: number): Promise<void>;
}

export interface LogPort {
  readonly sink: LogSink;
  /** Resolves when every line that the sink has taken would survive a kill -9 of this process. */
  settled(): Promise<void>;
  /** The newest mark in the app's log, among the dyno's last lines, that begins with `prefix`. */
  lastMark(appId: AppId, dyno: string, prefix: string): Promise<string | undefined>;
}

/** The part of an app's route that the formation decides. */
export interface AppRoute {
  readonly state: RoutedApp['state'];
  readonly dynos: readonly RoutedDyno[];
}

export interface RoutePort {
  /** Resolves when every router applies it (or is gone); undefined: the app is gone. Bounded by the implementation. */
  publish(appId: AppId, route: AppRoute | undefined): Promise<void>;
  /** Resolves when no router has a request on this unpublished dyno any more, or after the time. */
  untilFree(id: DynoId, timeoutMs: number): Promise<void>;
}

/** What a dyno was seen to use. */
export interface DynoSample extends DynoUsage {
  readonly id: DynoId;
  readonly appId: AppId;
  /** `web.1` */
  readonly name: string;
  readonly size: string;
}

/** All that the reconciler needs from the rest of the house. */
export interface RuntimePorts {
  readonly desired: DesiredPort;
  readonly rows: DynoRowPort;
  readonly logs: LogPort;
  readonly routes: RoutePort;
  /** A fault that isn't an app's: the store is away, a folder can't be removed. It is tried again. */
  onFault(fault: unknown): void;
  /** Every 20 s: what each dyno that runs uses. */
  onUsage?(seen: readonly DynoSample[]): void;
}
