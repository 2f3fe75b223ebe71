import { availableParallelism } from 'node:os';
import { compileFormat } from '../worker/access-format.ts';
import { parseBind } from './bind-address.ts';
import { parseNetworks } from './networks.ts';

export const levels = ['debug', 'info', 'warning', 'error'] as const;
export type Level = (typeof levels)[number];
const forwardedPolicies = ['keep', 'strip', 'refuse'] as const;

const expected = (what: string, got: unknown): never => {
  throw new Error(`expected ${what}, got ${typeof got === 'string' ? `"${got}"` : JSON.stringify(got)}`);
};

const numberFrom =
  (what: string, holds: (value: number) => boolean) =>
  (given: unknown): number => {
    const value = typeof given === 'string' && given.trim() !== '' ? Number(given) : given;
    return typeof value === 'number' && Number.isFinite(value) && holds(value) ? value : expected(what, given);
  };

const text =
  (what: string) =>
  (given: unknown): string =>
    typeof given === 'string' && given !== '' ? given : expected(what, given);

const oneOf =
  <const T extends string>(values: readonly T[]) =>
  (given: unknown): T =>
    values.find((value) => value === given) ?? expected(`one of ${values.join(', ')}`, given);

const listFrom = (given: unknown, separator: string | RegExp): readonly string[] => {
  const parts = typeof given === 'string' ? given.split(separator) : given;
  if (!Array.isArray(parts) || !parts.every((part) => typeof part === 'string'))
    return expected('a list of texts', given);
  return parts.map((part) => part.trim()).filter((part) => part !== '');
};

const count = numberFrom('a whole number from 0 up', (value) => Number.isInteger(value) && value >= 0);
const workers = numberFrom('a whole number from 1 up, or "auto"', (value) => Number.isInteger(value) && value >= 1);

/** How each kind of value is read from a text (flag, environment) or from a value of the config file; each throws an Error that says what was expected. */
export const kinds = {
  text: text('a text'),
  path: text('a path'),
  count,
  megabytes: count,
  seconds: numberFrom('seconds, as a number from 0 to 2000000', (value) => value >= 0 && value <= 2_000_000),
  workers: (given: unknown): number => (given === 'auto' ? availableParallelism() : workers(given)),
  switch: (given: unknown): boolean => {
    if (given === true || given === 'true' || given === '1') return true;
    return given === false || given === 'false' || given === '0' ? false : expected('true or false', given);
  },
  level: oneOf(levels),
  'forwarded-policy': oneOf(forwardedPolicies),
  octal: (given: unknown): number => {
    if (typeof given === 'number' && Number.isInteger(given) && given >= 0 && given <= 0o777) return given;
    return typeof given === 'string' && /^(0o?)?[0-7]{1,3}$/.test(given)
      ? Number.parseInt(given.replace('o', ''), 8)
      : expected('an octal number such as 027', given);
  },
  binds: (given: unknown): readonly string[] => {
    const binds = listFrom(given, ',');
    for (const bind of binds) parseBind(bind);
    return binds;
  },
  words: (given: unknown): readonly string[] => listFrom(given, /\s+/),
  networks: (given: unknown): readonly string[] => {
    const networks = listFrom(given, ',');
    parseNetworks(networks);
    return networks;
  },
  'host-port': (given: unknown): { readonly host: string; readonly port: number } => {
    const [, host, port] = (typeof given === 'string' && /^\[?([^\]]+?)\]?:(\d{1,5})$/.exec(given)) || [];
    return host !== undefined && Number(port) > 0 && Number(port) < 65_536
      ? { host, port: Number(port) }
      : expected('HOST:PORT', given);
  },
  /** Texts `NAME=value`; an object in the config file. */
  assignments: (given: unknown): Readonly<Record<string, string>> => {
    if (typeof given === 'object' && given !== null && !Array.isArray(given)) {
      const pairs = Object.entries(given);
      return pairs.every(([, value]) => typeof value === 'string')
        ? Object.fromEntries(pairs)
        : expected('texts as values', given);
    }
    return Object.fromEntries(
      listFrom(given, ',').map((pair) => {
        const at = pair.indexOf('=');
        return at > 0 ? [pair.slice(0, at), pair.slice(at + 1)] : expected('NAME=value', pair);
      }),
    );
  },
  'access-format': (given: unknown): string => {
    const format = text('a format')(given);
    compileFormat(format);
    return format;
  },
} as const;

export type SettingKind = keyof typeof kinds;
