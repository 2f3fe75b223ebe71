import type { FromWorker } from './messages.ts';
import { orphanLimitMs } from './worker/orphan-limits.ts';
import { startWatchdog, type WatchOrders } from './worker/watchdog.ts';

const aliveEveryMs = 2_000;

let beginWatch = (): void => undefined;
let stopOnce: (() => Promise<void>) | undefined;

const ignore = (): void => undefined;

const leave = (): void => {
  setTimeout(() => process.exit(1), orphanLimitMs);
  const exit = (): never => process.exit(0);
  void (stopOnce?.() ?? Promise.resolve()).then(exit, exit);
};

export interface Listener {
  readonly fd: number;
}

/**
 * The listening sockets that the master bound, in the order of its settings.
 * From now on this process ends itself within 2 s when the master dies, also when its event loop is stuck, and leaves
 * SIGINT and SIGHUP to the master.
 *
 * @throws Error when this process was not started by a master.
 */
export const inheritedListeners = (): readonly Listener[] => {
  const fds = (process.env.PREFORK_LISTEN_FDS ?? '').split(',').map(Number);
  if (!fds.every((fd) => Number.isInteger(fd) && fd > 3) || !process.connected) {
    throw new Error(
      'expected a socket inherited from a prefork master, but got none; start this script with startMaster',
    );
  }
  delete process.env.PREFORK_LISTEN_FDS;
  const orders = process.env.PREFORK_WATCH;
  delete process.env.PREFORK_WATCH;
  if (orders !== undefined) beginWatch = startWatchdog(JSON.parse(orders) as WatchOrders); // written by WorkerProcess
  process.once('disconnect', leave);
  process.on('SIGINT', ignore);
  process.on('SIGHUP', ignore);
  return fds.map((fd) => ({ fd }));
};

/**
 * The first listening socket that the master bound, to be passed to `server.listen`; see {@link inheritedListeners}.
 * @throws Error when this process was not started by a master.
 */
export const inheritedListener = (): Listener => {
  const [first] = inheritedListeners();
  if (first === undefined) throw new Error('expected the master to bind a socket for this worker, but it bound none');
  return first;
};

/** Says something to the master; nothing happens when it is gone. */
export const tellMaster = (message: FromWorker): void => {
  if (process.connected) process.send?.(message);
};

/** As {@link ready}, for a worker that says by itself, time and again, that it is alive. */
export const announceReady = (): void => {
  beginWatch();
  tellMaster('ready');
};

/** Tells the master that this worker accepts connections. From now on its event loop must come round within the group's `timeoutMs`. */
export const ready = (): void => {
  announceReady();
  setInterval(() => tellMaster({ prefork: 'alive' }), aliveEveryMs).unref();
};

/**
 * Runs `stop` once, at SIGTERM or when the master is gone, and exits when it has settled.
 * @returns what begins the same for another reason.
 */
export const onStop = (stop: () => Promise<void>): (() => void) => {
  let stopping: Promise<void> | undefined;
  stopOnce = () => {
    stopping ??= stop();
    return stopping;
  };
  const stopAndExit = (): void => {
    void stopOnce?.().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', stopAndExit);
  return stopAndExit;
};
