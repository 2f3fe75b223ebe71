import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Machine } from '../e2e/harness/machine.ts';
import { familyOf, type ProcessEntry, processTable } from '../e2e/harness/processes.ts';
import type { Result, Row } from './result.ts';

const settleMs = 10_000;

/** Memory of every process of a platform that has nothing to do: proportional set sizes, as the kernel counts them. */
export const idle = async (): Promise<Result> => {
  await using machine = await Machine.make();
  // The first start on a machine compiles the sources, and its processes are larger for it.
  await machine.start();
  await machine.stop();
  await machine.start();
  await sleep(settleMs);
  const table = await processTable();
  const { supervisor } = await machine.processes();
  const both = [...familyOf(table, supervisor.pid), ...familyOf(table, await machine.storePid())];
  // A store that this control has started is its child until the next start.
  const all = [...new Set(both)];
  const rows = await Promise.all(all.map(rowOf));
  const totalMb = rows.reduce((sum, { value }) => sum + value, 0);
  return {
    rows: [...rows, { what: 'all of Ravine, store included', value: totalMb, unit: 'MB', goal: 200 }],
    values: { total_mb: totalMb },
    method: `PSS of /proc/PID/smaps_rollup, ${settleMs / 1000} s after a second start, no apps. Published for an idle Dokploy: 250-630 MB, Coolify: 500-1200 MB.`,
  };
};

const rowOf = async ({ pid, command }: ProcessEntry): Promise<Row> => {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  const pssKb = Number(/^Pss: +(\d+) kB$/m.exec(text)?.[1] ?? Number.NaN);
  return { what: nameOf(command), value: pssKb / 1024, unit: 'MB' };
};

const nameOf = (command: string): string => {
  const words = command.trim().split(' ');
  if (command.includes('postgres')) return `postgres${command.includes('/') ? '' : ` ${words.slice(1).join(' ')}`}`;
  const script = words.findIndex((word) => word.endsWith('.ts'));
  return script === -1
    ? command
    : words
        .slice(script)
        .map((word) => basename(word))
        .slice(0, 2)
        .join(' ');
};
