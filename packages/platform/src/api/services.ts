import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { BackupFacts, PostgresInfo } from '../addons/providers/postgres-info.ts';
import type { UpgradeState } from '../addons/providers/postgres-upgrades.ts';
import type { AddOnReconciler } from '../addons/reconciler.ts';
import type { FindingShape, MachineShape } from '../contract/shapes/machine.ts';
import type { AppId } from '../domain/ids.ts';
import type { LogSink } from '../domain/log-line.ts';
import type { Branch } from '../git/branches.ts';
import type { LogStore } from '../logs/log-store.ts';
import type { MetricsReport, RangeName } from '../metrics/report.ts';
import type { Actor, Releases } from '../release/releases.ts';
import type { RunSessions } from '../run-sessions/run-sessions.ts';
import type { Keyring } from '../secrets/keyring.ts';
import type { AddOn } from '../store/add-ons.ts';
import type { App } from '../store/apps.ts';
import type { Build } from '../store/builds.ts';
import type { Database } from '../store/database.ts';
import type { EventFeed } from '../store/event-feed.ts';
import type { LogSession } from '../store/log-sessions.ts';
import type { Release } from '../store/releases.ts';
import type { Slug } from '../store/slugs.ts';
import type { CacheServices } from './cache-services.ts';

/** Source of a build asked for over the API: an archive (.tar.gz) to be fetched. */
export interface BuildSource {
  readonly url: string;
  /** Shown as the commit. */
  readonly version: string | null;
  readonly versionDescription: string | null;
  /** `SHA256:hex`, checked when given. */
  readonly checksum: string | null;
  /** Only for this build; empty means those installed on the app. */
  readonly buildpacks: readonly string[];
}

export interface Builds {
  /** Notes the build and starts it; the answer does not wait for its end. A request key seen before answers its build. */
  start(app: App, by: Actor, source: BuildSource, requestKey: string | null): Promise<Build>;
  /** The branches of the app's repository, the one committed to last first. */
  branches(app: App): Promise<readonly Branch[]>;
  /**
   * Builds what was pushed once more.
   * @param ref a branch, a tag or the id of a commit
   * @throws PlatformError invalid_params when it names no commit that was pushed
   */
  startAgain(app: App, by: Actor, ref: string, requestKey: string | null): Promise<Build>;
  /** Cancels a build and waits for its end. @returns false when it has ended or its release is being made. */
  cancel(build: Build, by: Actor): Promise<boolean>;
}

/** What builds and release commands wrote; streams follow a running one to its end and stop on abort. */
export interface Outputs {
  build(build: Build, signal: AbortSignal): Promise<Readable | undefined>;
  release(release: Release, signal: AbortSignal): Promise<Readable | undefined>;
}

/** Slugs that clients make themselves (Dev Center "Creating Slugs from Scratch"). */
export interface SlugFiles {
  /** Unpacks a .tar.gz with `./app` inside into the slug's place, all or nothing. */
  receive(slug: Slug, body: Readable, signal: AbortSignal): Promise<{ sizeBytes: number; checksum: string }>;
  /** The same archive again. */
  send(slug: Slug, signal: AbortSignal): Promise<Readable | undefined>;
}

/** What is kept of apps' logs; `follow` ends when the platform stops. */
export type LogReading = Pick<LogStore, 'search' | 'searchOn' | 'last' | 'follow' | 'kept'>;

export interface LogSessions {
  readonly sink: LogSink;
  readonly reading: LogReading;
  /** Answers the request with the session's lines, and ends it. */
  serve(session: LogSession, req: IncomingMessage, res: ServerResponse): Promise<void>;
}

export interface Urls {
  /** Where clients reach the API when their request does not say it: `http://localhost:5100`, no slash at the end. */
  readonly api: string;
  /** `http://name.localhost:8080/` */
  appUrl(appName: string): string;
  /** Host name of the app without port. */
  appHost(appName: string): string;
  /** The domain that apps have their own names below. */
  readonly appDomain: string;
  /** `https://localhost:5100/name.git` */
  gitUrl(appName: string): string;
}

/** What follows a change of an app's domains or of their certificates. */
export interface DomainChanges {
  /** Resolves when the router serves the app by what the store now says. */
  routed(appId: AppId): Promise<void>;
  /** Certificates may have to be had, or tried for again. */
  nudgeAcm(): void;
}

/** The machine as an administrator wants to see it; the shapes are those of docs/api.md. */
export interface Machine {
  report(): Promise<MachineShape>;
  /** Runs what `ravine doctor` runs; takes seconds. */
  findings(): Promise<readonly FindingShape[]>;
}

/** What the data API does with the databases of Heroku Postgres; all but the facts throw when one doesn't run now. */
export interface Databases {
  facts(addOn: AddOn): Promise<DatabaseFacts>;
  /** Replaces all that it holds by nothing but these extensions. */
  reset(addOn: AddOn, extensions: readonly string[]): Promise<void>;
  /** Gives its role another password, and releases it to every app that has it attached. */
  rotate(addOn: AddOn, by: Actor): Promise<void>;
  disconnect(addOn: AddOn): Promise<void>;
  /** The database that it follows; undefined for one that follows none. */
  leaderOf(addOn: AddOn): Promise<LeaderFacts | undefined>;
  followersOf(addOn: AddOn): Promise<readonly AddOn[]>;
  /** Makes a follower a database of its own, for good. */
  unfollow(addOn: AddOn): Promise<void>;
  /** The major version that made it, where it is older than ours. */
  olderVersion(addOn: AddOn): Promise<string | undefined>;
  /** Begins to bring it to our version. */
  upgrade(addOn: AddOn): Promise<void>;
  upgradeState(addOn: AddOn): UpgradeState;
  readonly credentials: DatabaseCredentials;
  resetStatistics(addOn: AddOn): Promise<void>;
  settings(addOn: AddOn): Promise<Readonly<Record<string, string>>>;
  change(addOn: AddOn, setting: string, value: string): Promise<void>;
  /** The address that its role connects with. */
  url(addOn: AddOn): string;
  /** There are other transfers or schedules than before: look now. */
  nudge(): void;
  /** Ends a transfer that runs. */
  cancel(transferId: string): Promise<void>;
  /** Where the file of a backup is. */
  file(transferId: string): string;
}

export interface DatabaseFacts {
  /** Undefined while it doesn't run. */
  readonly info: PostgresInfo | undefined;
  readonly backups: BackupFacts;
  /** Transactions that a follower has yet to get; undefined of others, and while that can't be told. */
  readonly commitsBehind: number | undefined;
}

export interface LeaderFacts {
  readonly name: string;
  /** The address of its default credential; undefined when it is going, or gone. */
  readonly url: string | undefined;
}

/** A credential beside the default one. */
export interface DatabaseCredential {
  readonly name: string;
  readonly state: 'creating' | 'active' | 'rotating' | 'destroying';
  /** The address that its role connects with. */
  readonly url: string;
}

/** Roles of a database beside the default one, each with a password of its own; all but the list need it to be running. */
export interface DatabaseCredentials {
  list(addOn: AddOn): Promise<readonly DatabaseCredential[]>;
  /** @throws PlatformError invalid_params when the name can't be had. */
  create(addOn: AddOn, name: string): Promise<void>;
  /** Gives it another password, and releases it where it is attached. @param forced whether those that are connected are cut off */
  rotate(addOn: AddOn, name: string, by: Actor, forced: boolean): Promise<void>;
  /** What it owned is the default credential's. @throws PlatformError invalid_params while it is attached. */
  destroy(addOn: AddOn, name: string): Promise<void>;
  /** Makes the default credential the owner of what the others own. */
  repairDefault(addOn: AddOn): Promise<void>;
}

/** What the API asks of the object store. */
export interface Storage {
  /** Bytes and objects of a bucketeer; undefined when there is no such account. @throws when the store can't be asked now */
  usage(addOn: AddOn): Promise<{ readonly bytes: number; readonly objects: number } | undefined>;
}

/** Everything that handlers may use; each resource takes its few. */
export interface Services {
  readonly db: Database;
  readonly events: Pick<EventFeed, 'follow'>;
  readonly keyring: Keyring;
  readonly releases: Releases;
  readonly builds: Builds;
  readonly outputs: Outputs;
  readonly slugFiles: SlugFiles;
  readonly addOns: Pick<AddOnReconciler, 'onChange' | 'settled'>;
  readonly databases: Databases;
  readonly caches: CacheServices;
  readonly storage: Storage;
  readonly runtime: { nudge(appId: AppId): void };
  readonly domainChanges: DomainChanges;
  readonly logs: LogSessions;
  readonly metrics: { report(appId: AppId, range: RangeName, dyno: string | undefined): Promise<MetricsReport> };
  readonly machine: Machine;
  readonly runSessions: Pick<RunSessions, 'open'>;
  readonly urls: Urls;
  readonly now: () => Date;
}
