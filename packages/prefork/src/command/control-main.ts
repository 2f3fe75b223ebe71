import { parseArgs } from 'node:util';
import { readConfigFile } from '../settings/config-file.ts';
import { fromEnvironment, readSettings } from '../settings/read-settings.ts';
import { askMaster } from './control-client.ts';
import { controlCommands } from './control-commands.ts';

const usageStatus = 2;

const help = (): string => `preforkctl [--socket PATH] [--json] COMMAND

  Talks to a prefork master that runs with --control-socket. The socket is the one of --socket, of
  PREFORK_CONTROL_SOCKET, or of the config file in the current folder.

${Object.entries(controlCommands)
  .map(
    ([name, { doc, argument }]) => `  ${`${name}${argument === undefined ? '' : ` ${argument}`}`.padEnd(14)} ${doc}\n`,
  )
  .join('')}`;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const tableOf = (rows: readonly Readonly<Record<string, unknown>>[]): string => {
  const columns = Object.keys(rows[0] ?? {});
  const lines = [columns, ...rows.map((row) => columns.map((column) => textOf(row[column])))];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index]?.length ?? 0)));
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, index) => cell.padEnd(widths[index] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
};

const shown = (result: unknown): string => {
  if (result === null || result === undefined) return '';
  if (Array.isArray(result) && result.every(isRecord)) return tableOf(result);
  if (Array.isArray(result)) return result.map((line) => `${textOf(line)}\n`).join('');
  if (isRecord(result)) return tableOf(Object.entries(result).map(([name, value]) => ({ name, value })));
  return `${textOf(result)}\n`;
};

const socketOf = async (flag: string | undefined): Promise<string> => {
  const config = flag === undefined ? await readConfigFile(undefined) : undefined;
  const given = config === undefined ? [] : [config.given];
  const path = flag ?? readSettings([...given, fromEnvironment(process.env)]).controlSocket;
  if (path === undefined) throw new Error('expected to be told the socket: --socket PATH or PREFORK_CONTROL_SOCKET');
  return path;
};

/** The `preforkctl` command; resolves with its exit status. */
export const control = async (args: readonly string[]): Promise<number> => {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        socket: { type: 'string', short: 's' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
      allowPositionals: true,
    });
    const [command, ...rest] = positionals;
    if (values.help || command === undefined) {
      (values.help ? process.stdout : process.stderr).write(help());
      return values.help ? 0 : usageStatus;
    }
    const result = await askMaster(await socketOf(values.socket), command, rest);
    process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : shown(result));
    return 0;
  } catch (error) {
    process.stderr.write(`preforkctl: ${error instanceof Error ? error.message : String(error)}\n`);
    return 1;
  }
};
