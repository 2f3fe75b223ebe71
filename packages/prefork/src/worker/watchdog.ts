import { Worker } from 'node:worker_threads';
import { sibling } from '../sibling.ts';

/** What the thread needs. */
export interface WatchdogData {
  readonly masterPid: number;
  /** One counter, which the main thread moves on; 0 until the watch begins. */
  readonly beats: SharedArrayBuffer;
  readonly watchFd: number;
  readonly timeoutMs: number;
  readonly everyMs: number;
}

const mostOftenMs = 50;
const leastOftenMs = 500;

/**
 * Has a thread of its own tell the master when this thread does not come round for `timeoutMs`, and end this process
 * when the master is gone and this thread can't see to it.
 * @returns once the thread is there: a function that begins the watch, so that a long start is no fault.
 */
export const startWatchdog = (masterPid: number, timeoutMs: number, watchFd: number): Promise<() => void> => {
  const everyMs = Math.min(leastOftenMs, Math.max(mostOftenMs, timeoutMs / 4));
  const beats = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const counter = new Int32Array(beats);
  const data: WatchdogData = { masterPid, beats, watchFd, timeoutMs, everyMs };
  const thread = new Worker(sibling('./watchdog-thread', import.meta.url), {
    workerData: data,
    // It needs no environment, no flags of the app, and little memory.
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1 },
  });
  return new Promise((resolve, reject) => {
    thread.once('error', reject).once('message', () => {
      thread.unref();
      resolve(() => {
        Atomics.add(counter, 0, 1);
        setInterval(() => Atomics.add(counter, 0, 1), everyMs).unref();
      });
    });
  });
};
