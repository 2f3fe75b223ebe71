import type { StuckReport } from './stuck-report.ts';
import type { WatchdogData } from './watchdog.ts';

/**
 * Runs beside the main thread of a worker and looks whether that still comes round, and whether there is still a master.
 * The thread is started from this function's own text, since loading a module with types costs a thread three times the
 * memory: nothing but its parameter and what is global may be used here.
 */
export const watch = ({ masterPid, beats, fd, timeoutMs, everyMs, orphanLimitMs }: WatchdogData): void => {
  /** A main thread inside native code does not pause; then there is no stack to tell. */
  const pauseLimitMs = 4_000;
  const counter = new Int32Array(beats);

  const report = (stuckForMs: number, stack: readonly string[]): void => {
    const found: StuckReport = { stuckForMs, stack };
    try {
      process.getBuiltinModule('node:fs').writeSync(fd, `${JSON.stringify(found)}\n`);
    } catch {
      // The master is gone: the orphan's end comes next.
    }
  };

  const tellWhereItStands = (stuckForMs: number): void => {
    const session = new (process.getBuiltinModule('node:inspector').Session)();
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
    } else if (timeoutMs > 0 && !told && now - seenAtMs >= timeoutMs) {
      told = true;
      tellWhereItStands(now - seenAtMs);
    }
    lookedAtMs = now;
  }, everyMs);
};
