/** `node bench/prefork/compare.ts`: what masters do about the same accidents, as the table in packages/prefork/README.md. Words narrow it down to the rows that have one of them. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../free-port.ts';
import { contenders, type Start } from './accidents/contenders.ts';
import { masterTrials } from './accidents/masters.ts';
import { socketTrials } from './accidents/sockets.ts';
import { type Outcome, tryOut } from './accidents/trial.ts';
import { workerTrials } from './accidents/workers.ts';

const folder = await mkdtemp(join(tmpdir(), 'ravine-bench-'));
await using stack = new AsyncDisposableStack();
stack.defer(() => rm(folder, { recursive: true, force: true }));

const rows = [
  ...[...workerTrials, ...masterTrials].map((trial) => ({
    what: trial.what,
    check: async (start: Start, own: string): Promise<Outcome> =>
      await tryOut(start, trial, { folder: own, listen: await freePort() }),
  })),
  ...socketTrials,
];

const cell = (outcome: Outcome): string =>
  typeof outcome === 'string' ? outcome : outcome === undefined ? '–' : outcome ? 'yes' : '**no**';

const names = Object.keys(contenders);
process.stdout.write(`| | ${names.join(' | ')} |\n| --- |${' --- |'.repeat(names.length)}\n`);
const words = process.argv.slice(2);
for (const [row, { what, check }] of rows.entries()) {
  if (words.length > 0 && !words.some((word) => what.includes(word))) continue;
  const cells = await Promise.all(
    Object.entries(contenders).map(async ([name, start]) => {
      const own = join(folder, `${row}-${name.replace(':', '-')}`);
      await mkdir(own);
      return cell(await check(start, own));
    }),
  );
  process.stdout.write(`| ${what} | ${cells.join(' | ')} |\n`);
}
