import { parseArgs } from 'node:util';
import { type Given, SettingError, settingNames } from './read-settings.ts';
import { type Setting, type SettingName, settings } from './settings.data.ts';

/** What `prefork` was called with, besides settings. */
export interface CommandLine {
  readonly app: string | undefined;
  readonly configFile: string | undefined;
  readonly flags: Given;
  readonly only: 'run' | 'help' | 'version' | 'check-config' | 'print-config';
}

const rowOf = (name: SettingName): Setting => settings[name];

const isList = (name: SettingName): boolean => ['binds', 'words', 'assignments', 'networks'].includes(rowOf(name).kind);

const options = {
  config: { type: 'string', short: 'c' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
  'check-config': { type: 'boolean' },
  'print-config': { type: 'boolean' },
} as const;

const settingOptions = Object.fromEntries(
  settingNames.map((name) => {
    const { flag, short, kind } = rowOf(name);
    const type = kind === 'switch' ? ('boolean' as const) : ('string' as const);
    return [flag, { type, multiple: isList(name), ...(short === undefined ? {} : { short }) }];
  }),
);

const parse = (args: readonly string[]) => {
  try {
    return parseArgs({ args: [...args], options: { ...settingOptions, ...options }, allowPositionals: true });
  } catch (error) {
    throw new SettingError(
      `${error instanceof Error ? error.message : String(error)}; \`prefork --help\` lists the flags`,
    );
  }
};

/** @throws SettingError for an unknown flag, a flag without its value, or more than one app. */
export const readCommandLine = (args: readonly string[]): CommandLine => {
  const parsed = parse(args);
  const { positionals } = parsed;
  const values: Readonly<Record<string, unknown>> = parsed.values;
  if (positionals.length > 1) {
    throw new SettingError(`expected one app, got "${positionals.join('", "')}"; settings are given as --name value`);
  }
  const modes = ['help', 'version', 'check-config', 'print-config'] as const;
  const config = values.config;
  return {
    app: positionals[0],
    configFile: typeof config === 'string' ? config : undefined,
    only: modes.find((mode) => values[mode] === true) ?? 'run',
    flags: {
      values: new Map(
        settingNames.flatMap((name) => {
          const value = values[rowOf(name).flag];
          return value === undefined ? [] : [[name, value]];
        }),
      ),
      place: (name) => `--${rowOf(name).flag}`,
    },
  };
};
