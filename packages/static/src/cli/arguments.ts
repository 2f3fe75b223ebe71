import { readFileSync } from 'node:fs';
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { checkSettings } from '../options.ts';
import { type Setting, settings } from '../settings.data.ts';
import { StaticError, systemCode } from '../static-error.ts';

/** The command line can't be understood; its message says why. */
export class UsageError extends Error {}

/** A flag that belongs to a command, not to a setting. */
export interface Flag {
  readonly name: string;
  readonly short?: string;
  readonly doc: string;
}

export interface Arguments {
  /** From the file and the flags; flags win. Checked. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly flags: ReadonlySet<string>;
  readonly names: readonly string[];
}

const configName = 'static.config.json';

const flagSettings = settings.filter((setting): setting is Setting & { flag: string } => setting.flag !== undefined);
const takesValue = ({ kind }: Setting): boolean => kind !== 'switch';
const short: Readonly<Record<string, string>> = { ignore: 'i', link: 'l' };

/**
 * Reads a command line and the settings file.
 * @throws UsageError or StaticError `bad-setting`
 */
export const readArguments = (args: readonly string[], flags: readonly Flag[]): Arguments => {
  const options: ParseArgsConfig['options'] = { config: { type: 'string' } };
  for (const { name, short: letter } of flags) options[name] = { type: 'boolean', ...(letter && { short: letter }) };
  for (const setting of flagSettings) {
    const letter = short[setting.name];
    options[setting.flag.slice(2)] = {
      type: takesValue(setting) ? 'string' : 'boolean',
      multiple: setting.kind === 'texts',
      ...(letter && { short: letter }),
    };
  }
  const { values, positionals } = parse(args, options);
  const given: Record<string, unknown> = { ...readConfig(values.config) };
  for (const setting of flagSettings) {
    const value = values[setting.flag.slice(2)];
    if (value === undefined) continue;
    given[setting.name] = fromFlag(setting, value);
  }
  checkSettings(given);
  return {
    settings: given,
    flags: new Set(flags.map(({ name }) => name).filter((name) => values[name] === true)),
    names: positionals,
  };
};

const parse = (args: readonly string[], options: NonNullable<ParseArgsConfig['options']>) => {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
};

const fromFlag = ({ kind, flag }: Setting, value: unknown): unknown => {
  if (kind === 'number') return /^\d+$/.test(String(value)) ? Number(value) : value;
  return flag?.startsWith('--no-') ? !value : value;
};

const readConfig = (path: unknown): object => {
  const file = typeof path === 'string' ? path : configName;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (path === undefined && systemCode(error) === 'ENOENT') return {};
    throw new StaticError('bad-setting', `the settings file ${file} can't be read (${systemCode(error)})`);
  }
  try {
    const data: unknown = JSON.parse(text);
    if (typeof data === 'object' && data !== null && !Array.isArray(data)) return data;
  } catch (error) {
    throw new StaticError('bad-setting', `${file}: ${error instanceof Error ? error.message : error}`);
  }
  throw new StaticError('bad-setting', `${file}: expected one object with settings`);
};

/** The help's lines on flags. */
export const describeFlags = (flags: readonly Flag[]): string => {
  const rows = [
    ...flags.map(({ name, short: letter, doc }) => [`${letter ? `-${letter}, ` : ''}--${name}`, doc]),
    ['--config FILE', `settings as JSON; without it ${configName}, if there is one`],
    ...flagSettings.map((setting) => [
      `${short[setting.name] ? `-${short[setting.name]}, ` : ''}${setting.flag}${takesValue(setting) ? ` ${setting.kind === 'choice' ? setting.choices?.join('|') : setting.kind === 'number' ? 'N' : 'TEXT'}` : ''}`,
      (setting.flagDoc ?? setting.doc).replaceAll('`', ''),
    ]),
  ];
  const width = Math.max(...rows.map(([left = '']) => left.length));
  return rows.map(([left = '', right = '']) => `  ${left.padEnd(width)}  ${right}\n`).join('');
};
