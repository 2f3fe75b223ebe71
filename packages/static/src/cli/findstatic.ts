import { nearest } from '../nearest.ts';
import { readSource } from '../options.ts';
import { listSources } from '../prepare/sources.ts';
import { describeFlags, type Flag, readArguments, UsageError } from './arguments.ts';
import { runCommand } from './run-command.ts';

const flags: readonly Flag[] = [
  { name: 'first', doc: 'only the file that wins' },
  { name: 'help', short: 'h', doc: 'this text' },
];

/** The command; resolves to its exit status. */
export const findstatic = (args: readonly string[]): Promise<number> =>
  runCommand('findstatic', async () => {
    const { settings, flags: said, names } = readArguments(args, flags);
    if (said.has('help')) {
      process.stdout.write(
        `findstatic [FLAGS] NAME...\n\nSays which source files a name stands for, one a line, the winner first.\n\n${describeFlags(flags)}`,
      );
      return 0;
    }
    if (names.length === 0) throw new UsageError('expected a name, as in url(): findstatic css/base.css');
    const folders = Array.isArray(settings.sources) ? settings.sources.map(String) : [];
    if (folders.length === 0) throw new UsageError('expected a folder to look into: --source FOLDER');
    const sources = folders.map(readSource);
    const files = listSources(sources, {
      policy: {
        dotfiles: settings.dotfiles === 'serve' ? 'serve' : 'hide',
        symlinks: settings.symlinks === 'follow' || settings.symlinks === 'refuse' ? settings.symlinks : 'inside',
      },
      ignore: Array.isArray(settings.ignore) ? settings.ignore.map(String) : [],
      duplicates: 'first',
      warn: (message) => process.stderr.write(`warning: ${message}\n`),
    });
    let missing = 0;
    for (const name of names) {
      const found = files.filter((file) => file.name === name);
      for (const { path } of said.has('first') ? found.slice(0, 1) : found) process.stdout.write(`${path}\n`);
      if (found.length > 0) continue;
      missing++;
      const close = nearest(
        name,
        files.map((file) => file.name),
      );
      const looked = sources.map(({ folder }) => folder).join(', ');
      process.stderr.write(
        `findstatic: no source has ${name} (looked in ${looked})${close === undefined ? '' : `; did you mean ${close}?`}\n`,
      );
    }
    return missing === 0 ? 0 : 1;
  });
