import type { Duplex } from 'node:stream';
import type { AppId, DynoId } from '../domain/ids.ts';

/** What an app runs from. */
export type Artifact =
  /** A folder that holds the slug; the dyno gets its own copy as HOME. */
  | { readonly kind: 'slug'; readonly folder: string }
  /** An image that the driver's engine has, by its id (`sha256:…`). */
  | { readonly kind: 'image'; readonly image: string };

/** Everything a driver needs to run one dyno; config vars are in `env`, already opened. */
export interface DynoSpec {
  readonly id: DynoId;
  readonly appId: AppId;
  /** `web.1`, `run.4321`, `release.7`. */
  readonly name: string;
  /**
   * Shell command line: from a slug run by `bash -c` (or `sh -c` where there is no bash) after `.profile.d/*.sh`, from an
   * image by its own `sh -c`, behind its ENTRYPOINT; empty: the image's CMD.
   */
  readonly command: string;
  readonly artifact: Artifact;
  readonly env: Readonly<Record<string, string>>;
  readonly memoryBytes: number;
  readonly maxProcesses: number;
  readonly cpuShares: number;
  /** Unix uid and gid the dyno runs under when Ravine itself is root; ignored otherwise, and for images, which say theirs. */
  readonly uid: number;
  /** Whether the dyno gets a PORT (web dynos do). */
  readonly port: boolean;
}

export interface DynoAddress {
  readonly host: string;
  readonly port: number;
  /** Somebody in between accepts connections there, whether the dyno does or not, and closes them if it doesn't. */
  readonly relayed?: true;
}

/** What the driver knows of a dyno now; the truth is on disk or in the engine, never in this process's memory. */
export interface DynoStatus {
  readonly id: DynoId;
  readonly appId: AppId;
  readonly name: string;
  readonly state:
    | { readonly kind: 'running'; readonly pid: number; readonly startedAtMs: number }
    /** `exitCode` is 128 + N after signal N; undefined where it can't be known (the machine went down). */
    | { readonly kind: 'exited'; readonly exitCode: number | undefined; readonly outOfMemory: boolean };
  /** Where the router reaches it; only for dynos with a port. */
  readonly address?: DynoAddress;
}

/** Output of a dyno from a position on; `position` is opaque to the caller and kept by it across restarts. */
export interface OutputChunk {
  readonly bytes: Buffer;
  readonly position: string;
}

export interface Terminal {
  readonly columns: number;
  readonly rows: number;
  readonly term: string;
  /** Calls back with each other size, at once with the last one; absent where it never changes. */
  readonly onResize?: (listener: (size: { readonly columns: number; readonly rows: number }) => void) => void;
}

export interface DynoUsage {
  /** Resident memory. */
  readonly memoryBytes: number;
  /** Time on processors since the dyno began; undefined where the system doesn't tell. */
  readonly cpuMs: number | undefined;
}

/**
 * Runs dynos. `start` is idempotent by `spec.id`; every other call on an unknown id is a no-op.
 * A dyno outlives the process that started it: `list` of a later process finds it again.
 */
export interface Driver extends AsyncDisposable {
  readonly name: 'process' | 'docker' | 'swarm';
  /** @throws DriverError with a reason fit for the app's log when the dyno can't be started. */
  start(spec: DynoSpec, signal: AbortSignal): Promise<DynoStatus>;
  list(): Promise<readonly DynoStatus[]>;
  /** Calls back soon after any dyno has exited; a hint, the caller lists again. Returns the way to stop. */
  onExit(listener: (id: DynoId) => void): () => void;
  /** Sends the signal to every process of the dyno. */
  kill(id: DynoId, signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Removes an exited dyno's files; its output must have been read before. */
  remove(id: DynoId): Promise<void>;
  /** Yields what the dyno wrote (stdout and stderr as one) from `position` on, ends after it has exited. */
  output(id: DynoId, position: string | undefined, signal: AbortSignal): AsyncIterable<OutputChunk>;
  /** Tells the driver that output up to `position` is safely kept elsewhere, so that its disk space may be freed. */
  releaseOutput(id: DynoId, position: string): Promise<void>;
  /**
   * Runs a dyno bound to a stream (attached one-off dyno); it dies (SIGHUP, then SIGKILL) when the stream closes.
   * @returns its exit status, 128 + N after signal N.
   */
  runAttached(spec: DynoSpec, stream: Duplex, terminal: Terminal | undefined, signal: AbortSignal): Promise<number>;
  /** What all processes of each running dyno use. */
  usage(): Promise<ReadonlyMap<DynoId, DynoUsage>>;
}
