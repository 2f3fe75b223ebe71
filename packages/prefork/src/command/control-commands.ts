import type { MasterProcess } from './master-process.ts';

interface ControlCommand {
  readonly doc: string;
  readonly argument?: string;
  readonly run: (master: MasterProcess, args: readonly string[]) => unknown;
}

/** What `preforkctl` can ask of a master. */
export const controlCommands: Readonly<Record<string, ControlCommand>> = {
  workers: { doc: 'one line for each worker', run: (master) => master.care.workers() },
  stats: { doc: 'counts and memory of all', run: (master) => ({ master: master.pid, ...master.care.stats() }) },
  listeners: { doc: 'where it listens', run: (master) => master.addresses() },
  config: { doc: 'the settings that hold', run: (master) => master.command.settings },
  reload: { doc: 'read settings again and replace all workers', run: (master) => master.reload() },
  add: { doc: 'one worker more', run: (master) => master.resizeBy(1) },
  remove: { doc: 'one worker fewer', run: (master) => master.resizeBy(-1) },
  replace: {
    doc: 'replace one worker',
    argument: 'PID',
    run: (master, [pid]) => master.replaceWorker(Number(pid)),
  },
  reopen: { doc: 'open log files again', run: (master) => master.reopenLogs() },
  upgrade: { doc: 'start the program anew from disk, then end this master', run: (master) => master.upgrade() },
  stop: { doc: 'finish requests, then end', run: (master) => void master.stop() },
  quit: { doc: 'end at once', run: (master) => void master.quit() },
};
