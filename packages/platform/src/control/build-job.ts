import { join } from 'node:path';
import type { Writable } from 'node:stream';
import type { Runtimes } from '../build/runtimes.ts';
import type { BuildLimits } from '../build/slug-build.ts';
import type { DataFolder } from '../domain/data-folder.ts';
import type { AppId } from '../domain/ids.ts';
import { type LogSink, nowUs } from '../domain/log-line.ts';
import type { Actor } from '../release/releases.ts';
import type { App } from '../store/apps.ts';
import type { Build } from '../store/builds.ts';
import type { Release } from '../store/releases.ts';
import type { SourceTree } from './build-source.ts';
import type { BuildTurn } from './build-turn.ts';
import type { FirstPushParts } from './first-push.ts';
import type { ImageBuilder } from './make-images.ts';
import type { OutputFiles } from './output-files.ts';

/** What builds need of the rest of the house. */
export interface BuildParts extends FirstPushParts {
  readonly data: DataFolder;
  readonly runtimes: Runtimes;
  readonly outputs: OutputFiles;
  readonly limits: BuildLimits;
  /** @throws BuildFailed while there is no container engine. */
  readonly imageBuilder: () => ImageBuilder;
  readonly log: LogSink;
  readonly appUrl: (name: string) => string;
  /** Runs app.json's postdeploy script in a one-off dyno; answers its exit status. */
  readonly postdeploy: (app: App, release: Release, command: string, output: Writable) => Promise<number>;
  readonly onFault: (error: unknown) => void;
}

/** One build under way. */
export interface BuildJob {
  readonly app: App;
  readonly by: Actor;
  readonly build: Build;
  readonly tree: SourceTree;
  /** What the pusher sees and `builds` keeps. */
  readonly output: Writable;
  readonly turn: BuildTurn;
}

export const sourceFolder = (data: DataFolder, build: Build): string => join(data.builds, `${build.id}.source`);
export const buildFolder = (data: DataFolder, build: Build): string => join(data.builds, build.id);

/** Tells the app's log, as `app[api]`. */
export const sayOf = (log: LogSink, appId: AppId, text: string): void =>
  log(appId, [{ atUs: nowUs(), source: 'app', dyno: 'api', text }]);
