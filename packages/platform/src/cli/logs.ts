import { watch } from 'node:fs';
import { open } from 'node:fs/promises';
import { type Command, parseFlags, UsageError } from './command.ts';
import { dataFolderOf, notRunning } from './running-platform.ts';

const levels: Readonly<Record<number, string>> = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' };

/** One line of the platform's JSON log as people read it; lines that aren't JSON are passed on. */
export const formatPlatformLine = (line: string): string => {
  try {
    const { time, level, process: from, msg, err, ...rest } = JSON.parse(line) as Record<string, unknown>; // shown, not trusted
    delete rest.pid;
    delete rest.hostname;
    const more = Object.entries(rest).map(
      ([key, value]) => ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
    );
    const fault = err !== null && typeof err === 'object' && 'stack' in err ? `\n${String(err.stack)}` : '';
    return `${new Date(Number(time)).toISOString()} ${levels[Number(level)] ?? 'info'} ${String(from ?? 'ravine')}: ${String(msg ?? '')}${more.join('')}${fault}`;
  } catch {
    return line;
  }
};

const tailBytes = 256 * 1024;

export const logs: Command = {
  summary: "Prints the platform's own log.",
  help: () =>
    "\n  --lines N   how many lines (100)\n  --tail      goes on with what is written from now on\n  --data DIR  the platform's data folder\n",
  run: async (args) => {
    const { flags, on } = parseFlags(args, ['tail']);
    const { lines = '100', ...others } = flags;
    const count = Number(lines);
    if (!Number.isSafeInteger(count) || count < 1)
      throw new UsageError(`--lines must be a whole number from 1; got "${lines}"`);
    const data = dataFolderOf(others);
    const file = await open(data.platformLog).catch(() => undefined);
    if (file === undefined) throw notRunning(data);
    await using _file = file;
    const { size } = await file.stat();
    let position = Math.max(0, size - tailBytes);
    let rest = '';
    const readNew = async (): Promise<string[]> => {
      const { size: now } = await file.stat();
      const buffer = Buffer.alloc(Math.max(0, now - position));
      const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
      position += bytesRead;
      const parts = (rest + buffer.toString('utf8', 0, bytesRead)).split('\n');
      rest = parts.pop() ?? '';
      return parts;
    };
    const print = (rows: string[]) => process.stdout.write(rows.map((row) => `${formatPlatformLine(row)}\n`).join(''));
    print((await readNew()).slice(-count));
    if (!on.has('tail')) return 0;
    await new Promise<void>((resolve) => {
      let reading = Promise.resolve();
      const watcher = watch(data.platformLog, () => {
        reading = reading.then(async () => void print(await readNew()));
      });
      process.once('SIGINT', () => {
        watcher.close();
        resolve();
      });
    });
    return 0;
  },
};
