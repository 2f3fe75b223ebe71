import assert from 'node:assert/strict';
import { countUnderWay, describeFailures, type Load, type LoadReport, type Span, wasUnderWay } from './load.ts';
import { nowMs } from './load-messages.ts';
import { untilGone } from './processes.ts';

/** Kills a process; answers the time from the kill until it is gone and the visitors know which connections are. */
export const killUnder = async (load: Load, what: string, pid: number): Promise<Span> => {
  load.phase(`kill of ${what}`);
  const fromMs = nowMs();
  process.kill(pid, 'SIGKILL');
  await untilGone(pid);
  const toMs = await load.polled();
  load.phase(`after the kill of ${what}`);
  return { fromMs, toMs };
};

/** Fails when a visit failed that was not under way at the kill. @returns how many were */
export const assertOnlyUnderWay = (report: LoadReport, kill: Span): number => {
  const others = report.failures.filter((visit) => !wasUnderWay(visit, kill));
  assert.equal(others.length, 0, describeFailures({ ...report, failures: others }));
  return countUnderWay(report, kill);
};
