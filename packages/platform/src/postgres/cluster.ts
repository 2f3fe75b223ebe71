import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { acceptsConnections } from './accepts-connections.ts';
import type { PostgresBinaries } from './binaries.ts';
import { ClusterError } from './cluster-error.ts';
import {
  assertSameMajor,
  type ClusterFolder,
  clusterFolder,
  holdsCluster,
  makeCluster,
  placeCertificate,
  prepareFolder,
  prepareInbox,
} from './cluster-folder.ts';
import { isFreePort } from './free-port.ts';
import { clearRemains, findServer, isServerOf, serverArguments } from './postmaster.ts';
import { bareEnvironment, type RunAs } from './run-program.ts';
import { writeServerConfig } from './server-config.ts';
import { boundServerLog, openServerLog, reasonInLog } from './server-log.ts';
import { stopServer } from './stop-server.ts';
import type { ClusterTemplate } from './template.ts';
import { archiveSettings, type ServerSettings } from './tuning.data.ts';
import { isRoot } from './unprivileged.ts';

export interface ClusterOptions {
  readonly binaries: PostgresBinaries;
  readonly template: ClusterTemplate;
  /** Absolute; the cluster's alone. */
  readonly folder: string;
  /** Also names the Unix socket. */
  readonly port: number;
  /** Whether it listens on localhost's TCP beside the Unix socket. */
  readonly tcp: boolean;
  /** A further address of this machine to listen on, if there is one now; asked for at each start. */
  readonly alsoOn?: () => string | undefined;
  /** Unix uid and gid of the server when we are root; ignored otherwise. */
  readonly uid: number;
  readonly settings: ServerSettings;
  /** Whether the server archives its write-ahead log, from the first record on, into the folder `wal`. */
  readonly archive?: boolean;
  /** Certificate and key, PEM, for clients that come by TCP and ask for TLS; asked for at each start. */
  readonly certificate?: () => Promise<string>;
  /**
   * SQL of one line each that a fresh cluster runs before it counts as made, in database `postgres`; database `app` is
   * there to be renamed. Absent: the cluster must be there already, since an empty one in its place would hide a loss.
   */
  readonly bootstrap?: readonly string[];
}

/** How the user that runs Ravine connects as superuser: by Unix socket, without a password. */
export interface SuperuserConnection {
  /** The socket's folder, as `pg` and libpq take it. */
  readonly host: string;
  readonly port: number;
  readonly user: 'postgres';
}

/**
 * Makes sure that the folder holds a whole cluster, and takes charge of it; starts nothing.
 * @throws ClusterError when it can't be made.
 */
export const openCluster = async (options: ClusterOptions, signal?: AbortSignal): Promise<Cluster> => {
  const places = clusterFolder(options.folder);
  const runAs = isRoot() ? { uid: options.uid, gid: options.uid } : undefined;
  await prepareFolder(options.folder, places, runAs);
  if (options.archive) await prepareInbox(places, runAs);
  if (!(await holdsCluster(places))) {
    if (!options.bootstrap) {
      throw new ClusterError(
        `A database cluster was expected in ${places.data}, and there is none. Put its files back from a backup.`,
      );
    }
    await makeCluster(options.binaries, options.template, places, options.bootstrap, runAs, signal);
  }
  await assertSameMajor(places, options.binaries);
  return new Cluster(options, places, runAs);
};

/** The pid of the server that runs in a cluster's folder, whoever started it. */
export const findCluster = (folder: string): Promise<number | undefined> => findServer(clusterFolder(folder).data);

/** How to connect as superuser to the server in a cluster's folder that listens with this port number. */
export const superuserOf = (folder: string, port: number): SuperuserConnection => ({
  host: clusterFolder(folder).sockets,
  port,
  user: 'postgres',
});

/** Stops the server in a cluster's folder, whoever started it; no-op when none runs. */
export const stopCluster = (folder: string): Promise<void> => stopServer(clusterFolder(folder).data);

/** Stops the server in a cluster's folder, whoever started it, and removes the folder; no-op when there is none. */
export const removeCluster = async (folder: string): Promise<void> => {
  const places = clusterFolder(folder);
  await stopServer(places.data);
  await rm(places.sockets, { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
};

/** One cluster, running or not; its server outlives us, and another process's Cluster of the same folder adopts it. */
export class Cluster {
  readonly #options: ClusterOptions;
  readonly #places: ClusterFolder;
  readonly #runAs: RunAs | undefined;
  readonly #exits = new EventEmitter();
  #starting: Promise<number> | undefined;

  constructor(options: ClusterOptions, places: ClusterFolder, runAs: RunAs | undefined) {
    this.#options = options;
    this.#places = places;
    this.#runAs = runAs;
  }

  get superuser(): SuperuserConnection {
    return superuserOf(this.#options.folder, this.#options.port);
  }

  /** The server's pid, or undefined when none runs. */
  pid(): Promise<number | undefined> {
    return findServer(this.#places.data);
  }

  isServer(pid: number): Promise<boolean> {
    return isServerOf(pid, this.#places.data);
  }

  /** Calls back when a server that this object started has ended; a hint. Returns the way to stop. */
  onExit(listener: () => void): () => void {
    this.#exits.on('exit', listener);
    return () => this.#exits.off('exit', listener);
  }

  /**
   * Adopts the running server or starts one, and waits until it takes logins (after a crash: until it has recovered).
   * @returns its pid.
   * @throws ClusterError with the reason from its log when it ends before that.
   */
  start(signal?: AbortSignal): Promise<number> {
    this.#starting ??= this.#startOrAdopt(signal).finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  /** Stops the server (SIGINT, then harder), whoever started it; its clients are cut off. */
  stop(graceMs?: number): Promise<void> {
    return stopServer(this.#places.data, graceMs);
  }

  /** Keeps the server's log below its bound. */
  boundLog(): Promise<void> {
    return boundServerLog(this.#places.log);
  }

  async #startOrAdopt(signal: AbortSignal | undefined): Promise<number> {
    for (let attempt = 1; ; attempt++) {
      const result = await this.#tryStart(signal);
      if (typeof result === 'number') return result;
      const passes = passingReasons.test(result) || (await this.pid()) !== undefined;
      if (!passes || attempt === maxAttempts) {
        throw new ClusterError(
          `PostgreSQL in ${this.#options.folder} did not start: ${result}. Its log is ${this.#places.log}.`,
        );
      }
      await sleep(25 * attempt, undefined, { signal });
    }
  }

  /** The pid, or the reason why there is none. */
  async #tryStart(signal: AbortSignal | undefined): Promise<number | string> {
    const running = await this.pid();
    if (running !== undefined) {
      const ready = await this.#waitUntilReady(running, undefined, signal);
      return ready ? running : 'it ended while it was being adopted';
    }
    await clearRemains(this.#places.data);
    // PostgreSQL itself would be content with one of IPv4 and IPv6 and leave the other to whoever has it.
    if (this.#options.tcp && !(await isFreePort(this.#options.port))) {
      return `port ${this.#options.port} is in use by another program`;
    }
    const started = await this.#spawn();
    if (await this.#waitUntilReady(started.pid, started, signal)) return started.pid;
    return reasonInLog(this.#places.log, started.logFrom);
  }

  async #spawn(): Promise<StartedServer> {
    const { data, log, sockets, inbox, tls } = this.#places;
    const { archive, binaries, certificate } = this.#options;
    if (certificate) await placeCertificate(this.#places, await certificate(), this.#runAs);
    const alsoOn = this.#options.alsoOn?.();
    await writeServerConfig(
      data,
      {
        socketFolder: sockets,
        port: this.#options.port,
        tcp: this.#options.tcp,
        ...(alsoOn === undefined ? {} : { alsoOn }),
      },
      {
        ...this.#options.settings,
        ...(archive && archiveSettings(inbox)),
        ...(certificate && { ssl: true, ssl_cert_file: tls, ssl_key_file: tls }),
        // The setting is a list, parted by colons.
        ...(binaries.extensions?.includes(':') === false && {
          extension_control_path: `${binaries.extensions}:$system`,
        }),
      },
      this.#runAs,
    );
    const { file, from } = await openServerLog(log);
    try {
      const child = spawn(binaries.postgres, serverArguments(data), {
        cwd: '/',
        env: bareEnvironment(),
        detached: true,
        stdio: ['ignore', file.fd, file.fd],
        ...this.#runAs,
      });
      const state = { exited: false };
      child.once('exit', () => {
        state.exited = true;
        this.#exits.emit('exit');
      });
      await once(child, 'spawn').catch((cause: Error) => {
        throw new ClusterError(`PostgreSQL could not be run: ${cause.message}`, { cause });
      });
      child.unref();
      // 'spawn' was emitted, so it has a pid.
      return { pid: child.pid as number, logFrom: from, hasExited: () => state.exited };
    } finally {
      await file.close();
    }
  }

  /** False when the server ended first. */
  async #waitUntilReady(
    pid: number,
    started: StartedServer | undefined,
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const path = join(this.#places.sockets, `.s.PGSQL.${this.#options.port}`);
    for (let delayMs = 4; ; delayMs = Math.min(delayMs * 1.3, 200)) {
      if (started ? started.hasExited() : !(await this.isServer(pid))) return false;
      // The socket may be another server's until the pid file is ours.
      if ((await acceptsConnections(path, signal)) && (await this.pid()) === pid) return true;
      await sleep(delayMs, undefined, { signal });
    }
  }
}

/** What a start may meet that is over soon: another process that starts the same server, or remains of a killed one. */
const passingReasons = /still in use|lock file|in use by another|being adopted/;
const maxAttempts = 8;

interface StartedServer {
  readonly pid: number;
  /** Where in the log its lines begin. */
  readonly logFrom: number;
  hasExited(): boolean;
}
