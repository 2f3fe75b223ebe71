import { setTimeout as sleep } from 'node:timers/promises';
import { Tail } from '../e2e/harness/tail.ts';
import { TinySite } from '../e2e/harness/tiny-site.ts';
import { quantile, type Result } from './result.ts';

const warmUpLines = 200;
const seconds = 20;

/** From a dyno's write of a line to its arrival in a tail's event stream. The line carries the time of its write. */
export const logs = async (): Promise<Result> => {
  await using site = await TinySite.open({ dynos: 1, chatty: true });
  await using tail = await Tail.open(site.member, site.name, { dyno: 'web.1' });
  await tail.until(() => tail.lines.length > warmUpLines);
  const from = tail.lines.length;
  await sleep(seconds * 1000);
  const delays = tail.lines.slice(from).flatMap(({ text, receivedAtMs }) => {
    const [, writtenAtMs] = /^line \d+ ([\d.]+)$/.exec(text) ?? [];
    return writtenAtMs === undefined ? [] : [receivedAtMs - Number(writtenAtMs)];
  });
  const p99Ms = quantile(delays, 0.99);
  return {
    rows: [
      { what: 'median', value: quantile(delays, 0.5), unit: 'ms' },
      { what: 'p99', value: p99Ms, unit: 'ms', goal: 50 },
      { what: 'slowest', value: quantile(delays, 1), unit: 'ms' },
    ],
    values: { p50_ms: quantile(delays, 0.5), p99_ms: p99Ms, max_ms: quantile(delays, 1), lines: delays.length },
    method: `${delays.length} lines of one dyno, 100 a second, from the call of console.log to the client's read of the event.`,
  };
};
