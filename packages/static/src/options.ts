import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HeaderMap } from './answer/header-map.ts';
import type { FileInfo } from './answer/static-file.ts';
import { encodeName } from './find/name.ts';
import { settings } from './settings.data.ts';
import { StaticError } from './static-error.ts';

/** What `staticFiles` takes; the README's table says each in a line. */
export interface StaticOptions {
  root: string | URL;
  prefix?: string;
  sources?: readonly string[];
  development?: boolean;
  index?: boolean | string;
  maxAgeSeconds?: number;
  immutable?: RegExp | ((file: Omit<FileInfo, 'immutable'>) => boolean);
  allowAllOrigins?: boolean;
  charset?: string;
  mediaTypes?: Readonly<Record<string, string>>;
  headers?: (headers: HeaderMap, file: FileInfo) => void;
  dotfiles?: 'hide' | 'serve';
  symlinks?: 'inside' | 'follow' | 'refuse';
  memoryBytes?: number;
  strict?: boolean;
  warn?: (message: string) => void;
}

const bad = (name: string, expected: string, got: unknown): StaticError =>
  new StaticError('bad-setting', `the setting ${name}: expected ${expected}, got ${JSON.stringify(got) ?? typeof got}`);

const kinds: Readonly<Record<string, readonly [expected: string, holds: (value: unknown) => boolean]>> = {
  text: ['a text', (value) => typeof value === 'string' || typeof value === 'boolean' || value instanceof URL],
  texts: ['a list of texts', (value) => Array.isArray(value) && value.every((one) => typeof one === 'string')],
  number: ['a whole number, 0 or more', (value) => Number.isSafeInteger(value) && Number(value) >= 0],
  switch: ['true or false', (value) => typeof value === 'boolean'],
};

/**
 * Holds settings against the table, whoever heeds them: one file serves the server and the commands.
 * @throws StaticError `bad-setting` naming the setting, what was expected and what was got
 */
export const checkSettings = (given: object): void => {
  for (const [name, value] of Object.entries(given)) {
    const setting = settings.find((one) => one.name === name);
    if (setting === undefined) {
      throw new StaticError(
        'bad-setting',
        `there is no setting "${name}"; expected one of ${settings.map((one) => one.name).join(', ')}`,
      );
    }
    if (value === undefined) continue;
    const { kind, choices } = setting;
    const [expected, holds] = kinds[kind] ?? ['', () => true];
    if (!holds(value)) throw bad(name, expected, value);
    const chosen: unknown[] = Array.isArray(value) ? value : [value];
    if (choices !== undefined && !chosen.every((one) => typeof one === 'string' && choices.includes(one)))
      throw bad(name, `${kind === 'texts' ? 'only ' : 'one of '}${choices.join(', ')}`, value);
  }
};

/** Where files are on the site. */
export interface Prefix {
  /** For links: a path, or a whole URL. Ends with a slash. */
  readonly url: string;
  /** What the decoded paths of requests begin with. Begins and ends with a slash. */
  readonly path: string;
}

/** @throws StaticError `bad-setting` when it is neither a path nor an http(s) URL */
export const readPrefix = (text: string): Prefix => {
  const ended = text.endsWith('/') ? text : `${text}/`;
  if (/^https?:/i.test(ended)) {
    if (!URL.canParse(ended)) throw bad('prefix', 'a path or a whole URL', text);
    return { url: ended, path: decodeURI(new URL(ended).pathname) };
  }
  if (/[?#\\]|\/\//.test(ended)) throw bad('prefix', 'a path like /static/ or a whole URL', text);
  const path = ended.startsWith('/') ? ended : `/${ended}`;
  return { url: encodeName(path), path };
};

/** A folder with the name that its files get in front. */
export interface Source {
  readonly folder: string;
  /** Empty, or ends with a slash. */
  readonly namePrefix: string;
}

/** Reads `FOLDER` or `PREFIX=FOLDER`. */
export const readSource = (text: string): Source => {
  const equals = text.indexOf('=');
  const prefix = equals === -1 ? '' : text.slice(0, equals).replace(/^\/+|\/+$/g, '');
  return { folder: resolve(text.slice(equals + 1)), namePrefix: prefix === '' ? '' : `${prefix}/` };
};

/** A folder given as a path or a `file:` URL, as an absolute path. */
export const readFolder = (root: string | URL): string =>
  typeof root === 'string' ? resolve(root) : fileURLToPath(root);
