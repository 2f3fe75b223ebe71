import { type CommandLine, readCommandLine } from '../settings/command-line.ts';
import { helpText } from '../settings/settings-text.ts';
import { readCommand } from './read-command.ts';
import { serve, version } from './serve.ts';

const usageStatus = 2;

const act = async (line: CommandLine): Promise<number> => {
  if (line.only === 'help') process.stdout.write(helpText());
  else if (line.only === 'version') process.stdout.write(`prefork ${version()}\n`);
  else if (line.only === 'run') return serve(line);
  else {
    const { app, settings, binds } = await readCommand(line, [], process.cwd());
    if (line.only === 'print-config') {
      process.stdout.write(`${JSON.stringify({ app, ...settings, bind: binds }, undefined, 2)}\n`);
    }
  }
  return 0;
};

/** The `prefork` command; resolves with its exit status. */
export const main = async (args: readonly string[]): Promise<number> => {
  try {
    return await act(readCommandLine(args));
  } catch (error) {
    process.stderr.write(`prefork: ${error instanceof Error ? error.message : String(error)}\n`);
    return usageStatus;
  }
};
