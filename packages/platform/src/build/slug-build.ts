import type { Writable } from 'node:stream';
import type { Runtimes } from './runtimes.ts';

export interface BuildLimits {
  /** On disk, uncompressed. */
  readonly slugBytes: number;
  /** A larger cache is thrown away after the build. */
  readonly cacheBytes: number;
  readonly timeMs: number;
  readonly memoryBytes: number;
  readonly maxProcesses: number;
}

const gb = 1024 ** 3;

/** Time as on Heroku (Dev Center "Limits"); slug size is that of a 500 MB compressed slug, unpacked. */
export const defaultBuildLimits: BuildLimits = {
  slugBytes: gb,
  cacheBytes: 2 * gb,
  timeMs: 15 * 60 * 1000,
  memoryBytes: 2 * gb,
  maxProcesses: 1024,
};

/** All folders on one file system; as root, their parents must be searchable by `uid`. */
export interface CompileOptions {
  /** Names the build machine-wide: a UUID. */
  readonly id: string;
  /** The checked-out source; becomes the slug, so it is gone afterwards. */
  readonly sourceFolder: string;
  /** For the build alone; removed at its end. */
  readonly buildFolder: string;
  /** The app's own, kept from build to build; two builds of an app must not run at once. */
  readonly cacheFolder: string;
  /** Must not exist; appears whole or not at all. */
  readonly slugFolder: string;
  readonly runtimes: Runtimes;
  /** As given to `heroku buildpacks:set`; empty: detect. */
  readonly buildpacks: readonly string[];
  /** Config vars, opened. */
  readonly env: Readonly<Record<string, string>>;
  /** Gets everything that the pusher sees, the reason of a failure included; is not ended. */
  readonly output: Writable;
  /** Cancels the build. */
  readonly signal: AbortSignal;
  readonly limits: BuildLimits;
  /** The app's Unix user when Ravine is root; undefined otherwise. */
  readonly uid: number | undefined;
  /** `heroku-24`. */
  readonly stack: string;
  /** Commit id. */
  readonly sourceVersion: string;
}

export interface CompiledSlug {
  /** Those of the buildpack, overlaid with the Procfile's. */
  readonly processTypes: Readonly<Record<string, string>>;
  readonly defaultProcessTypes: Readonly<Record<string, string>>;
  /** "Node.js". */
  readonly buildpackDescription: string;
  readonly sizeBytes: number;
  /** What the buildpacks want on an app's first release. */
  readonly addOns: readonly string[];
  readonly configVars: Readonly<Record<string, string>>;
  /** Whether the Procfile has a release command. */
  readonly releasePhase: boolean;
}
