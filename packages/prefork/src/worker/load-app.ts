import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What is looked for in a module when no export is named. */
const usualExports = ['default', 'app', 'server', 'handler', 'fetch'];
const endings = ['', '.ts', '.js', '.mjs', '.mts', '.cjs', '/index.ts', '/index.js'];

interface AppName {
  readonly module: string;
  readonly exported: string | undefined;
  readonly isFactory: boolean;
}

/** Reads `MODULE`, `MODULE:EXPORT` or `MODULE:FACTORY()`. */
export const parseAppName = (text: string): AppName => {
  const [, module, exported, call] = /^(.+):([\p{ID_Start}_$][\p{ID_Continue}$]*)(\(\))?$/u.exec(text) ?? [];
  if (module === undefined || exported === undefined) return { module: text, exported: undefined, isFactory: false };
  return { module, exported, isFactory: call !== undefined };
};

const fileOf = (module: string): string => {
  const path = endings.map((ending) => resolve(module + ending)).find((file) => existsSync(file) && !isFolder(file));
  if (path === undefined) throw new Error(`expected a module, but there is no file ${resolve(module)}`);
  return path;
};

const isFolder = (path: string): boolean => existsSync(`${path}/.`);

/**
 * Imports the app.
 * @returns what the module exports as the app; undefined when it exports none, since it may call listen itself.
 * @throws Error when the module or the named export is missing, and what the module throws.
 */
export const loadApp = async (name: string): Promise<unknown> => {
  const { module, exported, isFactory } = parseAppName(name);
  const loaded = (await import(pathToFileURL(fileOf(module)).href)) as Readonly<Record<string, unknown>>; // any module is one
  if (exported === undefined) {
    const found = usualExports.map((each) => loaded[each]).find((value) => isCandidate(value));
    // A CommonJS module's exports are its default export.
    return isBag(found) ? usualExports.map((each) => found[each]).find((value) => isCandidate(value)) : found;
  }
  const value = loaded[exported];
  if (value === undefined) {
    throw new Error(
      `expected ${module} to export ${exported}, but it exports ${Object.keys(loaded).join(', ') || 'nothing'}`,
    );
  }
  if (!isFactory) return value;
  if (typeof value !== 'function')
    throw new Error(`expected ${exported} of ${module} to be a function, got ${typeof value}`);
  return value();
};

const isCandidate = (value: unknown): boolean =>
  typeof value === 'function' || (typeof value === 'object' && value !== null);

const appMethods = ['fetch', 'listen', 'callback', 'ready'];

const isBag = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !appMethods.some((method) => method in value);
