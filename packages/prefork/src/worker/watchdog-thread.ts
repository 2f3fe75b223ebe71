/**
 * Runs beside the main thread of a worker and looks whether that still comes round. It is started before the app is
 * loaded, since a thread can't be started by a main thread that is stuck.
 */
import { writeSync } from 'node:fs';
import { Session } from 'node:inspector';
import { parentPort, workerData } from 'node:worker_threads';
import type { StuckReport } from './stuck-report.ts';
import type { WatchdogData } from './watchdog.ts';

const { masterPid, beats, watchFd, timeoutMs, everyMs } = workerData as WatchdogData; // what watchdog.ts passes
const counter = new Int32Array(beats);
/** The main thread ends an orphan within 1.5 s; if it is stuck, this thread does. */
const orphanLimitMs = 1_800;
/** A main thread inside native code does not pause; then there is no stack to tell. */
const pauseLimitMs = 4_000;

const report = (stuckForMs: number, stack: readonly string[]): void => {
  const found: StuckReport = { stuckForMs, stack };
  try {
    writeSync(watchFd, `${JSON.stringify(found)}\n`);
  } catch {
    // The master is gone: the orphan's end comes next.
  }
};

const tellWhereItStands = (stuckForMs: number): void => {
  const session = new Session();
  const files = new Map<string, string>();
  const tooLong = setTimeout(() => report(stuckForMs, []), pauseLimitMs);
  session.connectToMainThread();
  session.on('Debugger.scriptParsed', ({ params }) => files.set(params.scriptId, params.url));
  session.on('Debugger.paused', ({ params }) => {
    clearTimeout(tooLong);
    const stack = params.callFrames.map(({ functionName, location }) => {
      const place = `${files.get(location.scriptId) || '(unknown)'}:${location.lineNumber + 1}:${(location.columnNumber ?? 0) + 1}`;
      return functionName === '' ? place : `${functionName} (${place})`;
    });
    report(stuckForMs, stack);
    session.post('Debugger.resume');
    session.disconnect();
  });
  session.post('Debugger.enable');
  session.post('Debugger.pause');
};

let seen = -1;
let seenAtMs = performance.now();
let told = false;
let lookedAtMs = performance.now();

setInterval(() => {
  if (process.ppid !== masterPid) setTimeout(() => process.kill(process.pid, 'SIGKILL'), orphanLimitMs - everyMs);
  const now = performance.now();
  const count = Atomics.load(counter, 0);
  // A whole process that was frozen has not been stuck.
  if (count === 0 || count !== seen || now - lookedAtMs > everyMs + timeoutMs / 2) {
    seen = count;
    seenAtMs = now;
    told = false;
  } else if (!told && now - seenAtMs >= timeoutMs) {
    told = true;
    tellWhereItStands(now - seenAtMs);
  }
  lookedAtMs = now;
}, everyMs);

parentPort?.postMessage('watching');
