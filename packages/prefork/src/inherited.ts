/** After the master has gone, a worker finishes what it can within this time. */
const orphanLimitMs = 1_500;

let stopOnce: (() => Promise<void>) | undefined;

const ignore = (): void => undefined;

const leave = (): void => {
  setTimeout(() => process.exit(1), orphanLimitMs);
  const exit = (): never => process.exit(0);
  void (stopOnce?.() ?? Promise.resolve()).then(exit, exit);
};

/**
 * The listening socket that the master bound, to be passed to `server.listen`.
 * From now on this process ends itself within 2 s when the master dies, and leaves SIGINT and SIGHUP to the master.
 *
 * @throws Error when this process was not started by a master.
 */
export const inheritedListener = (): { readonly fd: number } => {
  const fd = Number(process.env.PREFORK_LISTEN_FD);
  if (!Number.isInteger(fd) || fd < 3 || !process.connected) {
    throw new Error(
      'expected a socket inherited from a prefork master, but got none; start this script with startMaster',
    );
  }
  delete process.env.PREFORK_LISTEN_FD;
  process.once('disconnect', leave);
  process.on('SIGINT', ignore);
  process.on('SIGHUP', ignore);
  return { fd };
};

/** Tells the master that this worker accepts connections. */
export const ready = (): void => {
  process.send?.('ready');
};

/** Runs `stop` once, at SIGTERM or when the master is gone, and exits when it has settled. */
export const onStop = (stop: () => Promise<void>): void => {
  let stopping: Promise<void> | undefined;
  stopOnce = () => {
    stopping ??= stop();
    return stopping;
  };
  process.once('SIGTERM', () => {
    void stopOnce?.().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  });
};
