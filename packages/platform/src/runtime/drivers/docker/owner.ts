import { identify, isAlive } from '../process/dyno-record.ts';

/** Names this process beyond pid reuse and reboots, in one word. */
export const ownProcess = (): string => {
  const { pid, started, bootId } = identify(process.pid);
  return Buffer.from(JSON.stringify([pid, started, bootId])).toString('base64url');
};

/** Whether the process that `ownProcess` named still runs on this machine. */
export const isOwnerAlive = (owner: string): boolean => {
  try {
    const [pid, started, bootId] = JSON.parse(Buffer.from(owner, 'base64url').toString());
    return isAlive({ pid: Number(pid), started: String(started), bootId: String(bootId) });
  } catch {
    return false;
  }
};
