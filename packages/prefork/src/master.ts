import { bind } from './bind.ts';
import type { HeldSocket } from './held-socket.ts';
import { type OrphanSentinel, startOrphanSentinel } from './orphan-sentinel.ts';
import { type GroupEvents, startsAtOnce, WorkerGroup } from './worker-group.ts';
import { WorkerWatch } from './worker-watch.ts';

export interface GroupOptions {
  readonly name: string;
  /** Path of the module that a worker runs. */
  readonly script: string;
  readonly args?: readonly string[];
  /** Flags for node itself, before the script. */
  readonly nodeArgs?: readonly string[];
  readonly workers: number;
  /** `port: 0` takes any free port; see `Master.addresses`. */
  readonly listen: { readonly host: string; readonly port: number };
  /** Further sockets; workers get them behind the first. */
  readonly alsoListen?: readonly { readonly host: string; readonly port: number }[];
  /**
   * A worker whose event loop stands still for so long after its ready message is killed and replaced, some seconds later.
   * Default 30,000; 0: never.
   */
  readonly timeoutMs?: number;
  /** Two generations of workers must never run at the same time: a reload stops the old before it starts the new; connections wait meanwhile. */
  readonly exclusive?: boolean;
  /** Added to the environment of the master. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface WorkerReport {
  readonly group: string;
  readonly pid: number;
  readonly ready: boolean;
}

export interface MasterOptions {
  readonly groups: readonly GroupOptions[];
  /** Gets one line for each worker that had to be replaced. */
  readonly log: (line: string) => void;
  /** From SIGTERM to SIGKILL. Default 30,000. */
  readonly gracefulTimeoutMs?: number;
  /** How long `reload` waits for the new workers. Default 30,000. */
  readonly readyTimeoutMs?: number;
  /** How long a taken port is tried again at the start. Default 3,000. */
  readonly bindTimeoutMs?: number;
}

/** A running master; it lives inside the process that called {@link startMaster} and handles no signals by itself. */
export interface Master extends AsyncDisposable {
  /** The first bound address of each group, by its name. */
  readonly addresses: ReadonlyMap<string, { readonly host: string; readonly port: number }>;
  workers(): readonly WorkerReport[];
  /** Resolves with true once every worker of the first start is ready, with false when one of them died before. */
  readonly started: Promise<boolean>;
  /**
   * Replaces all workers without closing a socket; reloads run one after another.
   * @throws Error when new workers don't become ready; the old ones then serve on.
   */
  reload(): Promise<void>;
  /** SIGTERM to all workers, SIGKILL after the graceful timeout; resolves when all are gone. */
  stop(): Promise<void>;
}

const lookEveryMs = 1_000;

/** Kills workers whose event loop stands still, and tells the sentinel which there are. */
const watchOver = (
  { log, timeoutMs }: { readonly log: (line: string) => void; readonly timeoutMs: number },
  sentinel: OrphanSentinel,
): { events: GroupEvents; look(): void } => {
  const watch = new WorkerWatch(
    (worker) => {
      watch.remove(worker);
      worker.kill(`was killed because its event loop has stood still for more than ${timeoutMs / 1_000} s`);
    },
    () => undefined,
  );
  return {
    events: {
      log,
      spawned: (worker) => {
        watch.add(worker);
        if (worker.pid !== undefined) sentinel.add(worker.pid);
      },
      message: (worker) => watch.hear(worker),
      exited: (worker) => {
        watch.remove(worker);
        if (worker.pid !== undefined) sentinel.remove(worker.pid);
      },
    },
    look: () => watch.look(timeoutMs, Number.POSITIVE_INFINITY),
  };
};

/**
 * Binds the sockets of all groups, then starts their workers.
 * @throws PortInUse
 */
export const startMaster = async (options: MasterOptions): Promise<Master> => {
  const { gracefulTimeoutMs = 30_000, readyTimeoutMs = 30_000, bindTimeoutMs = 3_000, log } = options;
  const sockets: HeldSocket[] = [];
  const closeSockets = (): void => {
    for (const socket of sockets.splice(0)) socket.close();
  };
  const groups: { readonly name: string; readonly group: WorkerGroup }[] = [];
  const looks: (() => void)[] = [];
  const sentinel = startOrphanSentinel();
  const addresses = new Map<string, { host: string; port: number }>();
  try {
    for (const {
      name,
      script,
      workers,
      listen,
      alsoListen = [],
      exclusive = false,
      timeoutMs = 30_000,
      args = [],
      nodeArgs = [],
      env = {},
    } of options.groups) {
      const fds: number[] = [];
      for (const { host, port } of [listen, ...alsoListen]) {
        const socket = await bind(host, port, bindTimeoutMs);
        sockets.push(socket);
        fds.push(socket.fd);
        if (!addresses.has(name)) addresses.set(name, socket.address ?? listen);
      }
      const command = { script, args, nodeArgs, env, fds };
      const { events, look } = watchOver({ log, timeoutMs }, sentinel);
      looks.push(look);
      const plan = { name, workers, exclusive, gracefulTimeoutMs, startsAtOnce: startsAtOnce(), command };
      groups.push({ name, group: new WorkerGroup(plan, events) });
    }
  } catch (error) {
    sentinel.close();
    closeSockets();
    throw error;
  }
  const looking = setInterval(() => {
    for (const look of looks) look();
  }, lookEveryMs);
  const first = groups.flatMap(({ group }) => group.start());
  let reloading: Promise<unknown> = Promise.resolve();
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    stopping ??= Promise.all(groups.map(({ group }) => group.stop())).then(() => {
      clearInterval(looking);
      sentinel.close();
      closeSockets();
    });
    return stopping;
  };
  return {
    addresses,
    workers: () =>
      groups.flatMap(({ name, group }) =>
        group.workers.flatMap(({ pid, ready }) => (pid === undefined ? [] : [{ group: name, pid, ready }])),
      ),
    started: Promise.all(first.map((worker) => worker.becameReady)).then((each) => each.every(Boolean)),
    reload() {
      const reloadGroup = async (group: WorkerGroup): Promise<void> => {
        const { oldGone } = await group.reload(readyTimeoutMs);
        await oldGone;
      };
      const next = reloading.then(() => Promise.all(groups.map(({ group }) => reloadGroup(group))));
      reloading = next.catch(() => undefined);
      return next.then(() => undefined);
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
};
