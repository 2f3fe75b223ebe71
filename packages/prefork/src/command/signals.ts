import { isatty } from 'node:tty';
import type { MasterProcess } from './master-process.ts';

/** What each signal asks of the master; the same as Gunicorn's. */
const actions: Readonly<Partial<Record<NodeJS.Signals, (master: MasterProcess) => Promise<unknown>>>> = {
  SIGTERM: (master) => master.stop(),
  SIGINT: (master) => master.quit(),
  SIGQUIT: (master) => master.quit(),
  SIGHUP: (master) => master.reload(),
  SIGTTIN: (master) => master.resizeBy(1),
  SIGTTOU: (master) => master.resizeBy(-1),
  SIGUSR1: (master) => master.reopenLogs(),
  SIGUSR2: (master) => master.startSuccessor(),
  // A terminal sends it whenever its window changes.
  SIGWINCH: (master) => (isatty(1) || isatty(2) ? Promise.resolve() : master.hold()),
};

/** Lets signals act on the master; what fails is in its log. */
export const obeySignals = (master: MasterProcess): void => {
  for (const [signal, act] of Object.entries(actions)) {
    const obey = async (): Promise<void> => {
      master.log('info', `got ${signal}`);
      await act(master);
    };
    process.on(signal, () => {
      obey().catch((error: unknown) => master.log('error', error instanceof Error ? error.message : String(error)));
    });
  }
};
