import { existsSync, readdirSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { manifestName } from '../manifest.ts';
import { type CollectEvent, type CollectOptions, type CollectResult, collectStatic } from '../prepare/collect.ts';
import { StaticError } from '../static-error.ts';
import { describeFlags, type Flag, readArguments, UsageError } from './arguments.ts';
import { Progress } from './progress.ts';
import { runCommand } from './run-command.ts';

const flags: readonly Flag[] = [
  { name: 'clear', short: 'c', doc: 'remove everything from the root that this run does not write' },
  { name: 'dry-run', short: 'n', doc: 'say what would be done, and do nothing' },
  { name: 'no-input', doc: 'never ask; the answer is yes' },
  { name: 'noinput', doc: 'the same' },
  { name: 'quiet', short: 'q', doc: 'say nothing but warnings and errors' },
  { name: 'verbose', short: 'v', doc: 'name each file' },
  { name: 'help', short: 'h', doc: 'this text' },
];

/** The command; resolves to its exit status. */
export const collectstatic = (args: readonly string[]): Promise<number> =>
  runCommand('collectstatic', async () => {
    const { settings, flags: said, names } = readArguments(args, flags);
    if (said.has('help')) {
      process.stdout.write(
        `collectstatic [FLAGS]\n\nPublishes static files: fingerprinted, compressed, with a manifest.\n\n${describeFlags(flags)}`,
      );
      return 0;
    }
    if (names.length > 0) throw new UsageError(`expected flags only, got "${names.join(' ')}"`);
    const { root, sources } = settings;
    if (typeof root !== 'string') throw new UsageError('expected a folder to fill: --root FOLDER');
    if (sources === undefined) throw new UsageError('expected a folder to take files from: --source FOLDER');
    const dryRun = said.has('dry-run');
    const clear = said.has('clear');
    if (clear && !dryRun && !said.has('no-input') && !said.has('noinput') && !(await mayClear(root))) {
      process.stdout.write('nothing was done\n');
      return 1;
    }
    // Checked by readArguments against the table of settings, which is what CollectOptions is the type of.
    const options = { ...settings } as unknown as CollectOptions;
    const progress = new Progress(process.stdout, !said.has('quiet') && !said.has('verbose'));
    const report = (event: CollectEvent): void => {
      if (event.kind === 'begin') progress.begin(event.total);
      else if (event.kind !== 'remove') progress.step(event.name);
      if (event.kind !== 'begin' && (said.has('verbose') || (dryRun && event.kind !== 'unmodified')))
        process.stdout.write(`${dryRun ? 'would ' : ''}${event.kind} ${event.name}\n`);
    };
    const warn = (message: string): void => {
      progress.end();
      process.stderr.write(`warning: ${message}\n`);
    };
    try {
      const result = await collectStatic(options, { clear, dryRun, warn, report });
      progress.end();
      if (!said.has('quiet')) process.stdout.write(`${summary(result, root, dryRun)}\n`);
      return 0;
    } finally {
      progress.end();
    }
  });

const summary = ({ written, unmodified, removed, compressed }: CollectResult, root: string, dryRun: boolean): string =>
  `${written} ${written === 1 ? 'file' : 'files'} ${dryRun ? 'would be ' : ''}written to ${root}, with ${compressed} compressed ${compressed === 1 ? 'variant' : 'variants'}; ${unmodified} unmodified, ${removed} removed`;

/** A folder that no collectstatic filled may hold something dear. */
const mayClear = async (root: string): Promise<boolean> => {
  const names = existsSync(root) ? readdirSync(root) : [];
  if (names.length === 0 || names.includes(manifestName)) return true;
  const risk = `${root} was not filled by collectstatic, and --clear would remove everything in it (${names.slice(0, 3).join(', ')}${names.length > 3 ? ', …' : ''})`;
  if (!process.stdin.isTTY)
    throw new StaticError('unwritable-target', `${risk}; choose another root, or say --no-input to go on`);
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const said = await terminal.question(`${risk}. Go on? [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(said.trim());
};
