import { type ChildProcess, spawn } from 'node:child_process';
import type { PassedSocket } from './sockets.ts';

/** What a master tells the one that it starts in its place. */
export interface Handover {
  readonly parent: number;
  readonly sockets: readonly PassedSocket[];
}

/** 0-2 are standard, 3 is the channel to the master before. */
const firstSocketFd = 4;

/** Starts this program again, from its files as they are now, with the sockets that are open. */
export const spawnSuccessor = (sockets: readonly PassedSocket[], cwd: string): ChildProcess => {
  const handover: Handover = {
    parent: process.pid,
    sockets: sockets.map(({ bind }, index) => ({ bind, fd: firstSocketFd + index })),
  };
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    cwd,
    stdio: ['inherit', 'inherit', 'inherit', 'ipc', ...sockets.map(({ fd }) => fd)],
    env: { ...process.env, PREFORK_HANDOVER: JSON.stringify(handover) },
  });
  child.unref();
  child.channel?.unref();
  return child;
};

/** The handover of the master that started this process, if one did; it is taken out of the environment. */
export const takeHandover = (env: NodeJS.ProcessEnv): Handover | undefined => {
  const text = env.PREFORK_HANDOVER;
  delete env.PREFORK_HANDOVER;
  return text === undefined ? undefined : (JSON.parse(text) as Handover); // written by spawnSuccessor
};
