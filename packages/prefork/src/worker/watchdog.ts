import { Worker } from 'node:worker_threads';
import { stuckOrphanLimitMs } from './orphan-limits.ts';
import { watch } from './watchdog-thread.ts';

/** What the master asks to be watched; it travels as JSON in the environment. */
export interface WatchOrders {
  readonly masterPid: number;
  /** A pipe to the master, on which a thread can write while the main thread is stuck. */
  readonly fd: number;
  /** 0: the main thread may stand still for as long as it likes, while there is a master. */
  readonly timeoutMs: number;
}

/** What the thread needs. */
export interface WatchdogData extends WatchOrders {
  /** One counter, which the main thread moves on; 0 until the watch begins. */
  readonly beats: SharedArrayBuffer;
  readonly everyMs: number;
  /** From the master's end to this process's. */
  readonly orphanLimitMs: number;
}

const mostOftenMs = 50;
const leastOftenMs = 500;

/** How often the thread looks. */
export const lookEveryMs = (timeoutMs: number): number =>
  timeoutMs === 0 ? leastOftenMs : Math.min(leastOftenMs, Math.max(mostOftenMs, timeoutMs / 4));

/**
 * Has a thread of its own tell the master when this thread does not come round for `timeoutMs`, and end this process
 * when the master is gone and this thread can't see to it. It is started before the app is loaded, since a thread can't
 * be started by a main thread that is stuck.
 * @returns what begins the watch, so that a long start is no fault.
 */
export const startWatchdog = (orders: WatchOrders): (() => void) => {
  const everyMs = lookEveryMs(orders.timeoutMs);
  const beats = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const counter = new Int32Array(beats);
  const data: WatchdogData = { ...orders, beats, everyMs, orphanLimitMs: stuckOrphanLimitMs };
  const thread = new Worker(`(${watch})(process.getBuiltinModule('node:worker_threads').workerData)`, {
    eval: true,
    workerData: data,
    // It needs no environment, no flags of the app, and little memory.
    env: {},
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 1 },
  });
  thread.unref();
  return () => {
    Atomics.add(counter, 0, 1);
    if (orders.timeoutMs > 0) setInterval(() => Atomics.add(counter, 0, 1), everyMs).unref();
  };
};
