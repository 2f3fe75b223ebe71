import { isIP } from 'node:net';
import { type Setting, type SettingName, settings } from './settings.data.ts';

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

type NumberKind = 'port' | 'count' | 'megabytes' | 'days' | 'seconds';
type Parsed<S extends Setting> = S extends { readonly choices: readonly (infer Choice)[] }
  ? Choice
  : S['kind'] extends NumberKind
    ? number
    : S['kind'] extends 'port-range'
      ? PortRange
      : string;
type WithDefault<S extends Setting> = S['default'] extends undefined ? Parsed<S> | undefined : Parsed<S>;

/** All settings, parsed: numbers are numbers, ranges are ranges. */
export type Settings = { readonly [Name in SettingName]: WithDefault<(typeof settings)[Name]> };

/** A setting that can't be used, in words for whoever gave it. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
}

export const settingNames = Object.keys(settings) as SettingName[]; // the keys of a literal

const number = (text: string, least: number, most: number): number | undefined => {
  const value = Number(text);
  return /^\d+$/.test(text) && value >= least && value <= most ? value : undefined;
};

const range = (text: string): PortRange | undefined => {
  const [first, last] = text.split('-').map((part) => number(part, 1024, 65535));
  return first !== undefined && last !== undefined && first < last ? { first, last } : undefined;
};

const isUrl = (text: string): boolean => /^postgres(ql)?:\/\//.test(text) && URL.canParse(text);

const isHttps = (text: string): boolean => URL.canParse(text) && new URL(text).protocol === 'https:';

/** An IP address, with or without a port. */
const isServer = (text: string): boolean =>
  isIP(text) !== 0 || /^(\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\]):\d{1,5}$/i.test(text);

/** What each kind accepts, and how a refusal says it. */
const kinds: Record<
  Setting['kind'],
  { parse: (text: string) => string | number | PortRange | undefined; expected: string }
> = {
  // One of its choices, which `parse` below knows.
  choice: { parse: (text) => text, expected: '' },
  text: { parse: (text) => (text.trim() === '' ? undefined : text), expected: 'a text that is not empty' },
  folder: { parse: (text) => (text.trim() === '' ? undefined : text), expected: 'a path' },
  file: { parse: (text) => (text.trim() === '' ? undefined : text), expected: 'a path' },
  'https-url': { parse: (text) => (isHttps(text) ? text : undefined), expected: 'an https:// URL' },
  server: {
    parse: (text) => (isServer(text) ? text : undefined),
    expected: 'an IP address, with a port if not 53, such as 192.0.2.53 or 192.0.2.53:5353',
  },
  url: { parse: (text) => (isUrl(text) ? text : undefined), expected: 'a postgres:// URL' },
  port: { parse: (text) => number(text, 0, 65535), expected: 'a port number from 0 to 65535' },
  count: { parse: (text) => number(text, 1, 1_000_000), expected: 'a whole number from 1 to 1000000' },
  megabytes: { parse: (text) => number(text, 1, 1_000_000), expected: 'a whole number of megabytes from 1 to 1000000' },
  days: { parse: (text) => number(text, 1, 3650), expected: 'a whole number of days from 1 to 3650' },
  seconds: { parse: (text) => number(text, 1, 86_400), expected: 'a whole number of seconds from 1 to 86400' },
  'port-range': { parse: range, expected: 'two ports from 1024 to 65535 with a dash between, such as 20000-29999' },
};

/**
 * Reads all settings: flags win over the environment, the environment over defaults.
 * @param flags long flag without dashes -> text.
 * @throws SettingError naming the setting, what was expected and what was got.
 */
export const readSettings = (
  flags: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string | undefined>>,
): Settings => {
  const unknown = Object.keys(flags).find((flag) => !settingNames.some((name) => settings[name].flag === flag));
  if (unknown !== undefined) throw new SettingError(`there is no setting --${unknown}; \`ravine help up\` lists them`);
  const parsed = settingNames.map((name) => [name, parse(settings[name], flags, env)]);
  return Object.fromEntries(parsed) as Settings; // each value was parsed by its own kind
};

const parse = (
  setting: Setting,
  flags: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string | undefined>>,
): string | number | PortRange | undefined => {
  const given = flags[setting.flag] ?? env[setting.env];
  const text = given ?? setting.default;
  if (text === undefined) return undefined;
  const { choices } = setting;
  const value = choices === undefined || choices.includes(text) ? kinds[setting.kind].parse(text) : undefined;
  if (value !== undefined) return value;
  const expected = choices === undefined ? kinds[setting.kind].expected : choices.join(' or ');
  const source = flags[setting.flag] === undefined ? setting.env : `--${setting.flag}`;
  throw new SettingError(`${source} must be ${expected}${setting.secret ? '' : `; got "${text}"`}`);
};

/** The environment that makes another process of Ravine read the same settings. */
export const settingsEnv = (values: Settings): Record<string, string> =>
  Object.fromEntries(
    settingNames.flatMap((name) => {
      const value = values[name];
      if (value === undefined) return [];
      return [[settings[name].env, typeof value === 'object' ? `${value.first}-${value.last}` : String(value)]];
    }),
  );

/** docs/configuration.md, whole. */
export const settingsDocument = (): string => {
  const rows = settingNames.map((name) => {
    const setting: Setting = settings[name];
    return `| \`--${setting.flag}\` | \`${setting.env}\` | ${setting.default === undefined ? '' : `\`${setting.default}\``} | ${setting.doc} |`;
  });
  return [
    '# Configuration',
    '',
    'Settings of `ravine up`. A flag wins over the environment, the environment over the default. This page is made from the settings table by `npm run check -- --write`.',
    '',
    '| flag | environment | default | what it does |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
};
