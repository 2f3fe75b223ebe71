import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { DynoId } from '../../../domain/ids.ts';
import type { Limits } from './limits.ts';

/** The numbers in a file of one number a line; none where there is no such file. */
export const readNumbers = (file: string): readonly number[] => {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean).map(Number);
  } catch {
    return [];
  }
};

/** Whether a process can really be limited and let go again; leaves nothing behind. */
export const tryOut = (limits: Limits): boolean => {
  // Cast: a dyno that only lives for this trial has no id from the store.
  const id = `trial-${randomUUID()}` as DynoId;
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  child.on('error', () => {});
  try {
    limits.create({ id, memoryBytes: 64 * 1024 * 1024, maxProcesses: 16, cpuShares: 1024 });
    if (child.pid === undefined) return false;
    limits.join(id, child.pid);
    return limits.members(id).includes(child.pid);
  } catch {
    return false;
  } finally {
    child.once('exit', () => removeQuietly(limits, id));
    child.kill('SIGKILL');
  }
};

const removeQuietly = (limits: Limits, id: DynoId): void => {
  try {
    limits.remove(id);
  } catch {
    // An empty group costs nothing; the next trial uses another name.
  }
};
