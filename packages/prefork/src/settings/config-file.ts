import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type HookName, type Hooks, hookNames } from './hooks.ts';
import { type Given, SettingError, settingNames } from './read-settings.ts';
import type { SettingName } from './settings.data.ts';

const usualNames = ['prefork.config.ts', 'prefork.config.mts', 'prefork.config.js', 'prefork.config.mjs'];

/** What a config file brings. */
export interface ConfigFile {
  readonly path: string | undefined;
  readonly app: string | undefined;
  readonly given: Given;
  readonly hooks: Hooks;
}

const noFile: ConfigFile = { path: undefined, app: undefined, given: { values: new Map(), place: String }, hooks: {} };

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const load = async (path: string): Promise<Record<string, unknown>> => {
  // A new address each time, so that a reload reads the file again.
  const address = `${pathToFileURL(path).href}?read=${performance.now()}`;
  const loaded: unknown = await import(address).catch((error: unknown) => {
    throw new SettingError(
      `${path} can't be loaded: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    );
  });
  const module = isRecord(loaded) ? loaded : {};
  const config = module.default ?? module.config;
  if (!isRecord(config)) {
    throw new SettingError(`${path}: expected \`export default { … }\` with settings, got no such export`);
  }
  return config;
};

const isSetting = (key: string): key is SettingName => settingNames.some((name) => name === key);
const isHook = (key: string): key is HookName => hookNames.some((name) => name === key);

/**
 * Reads the named config file, or `prefork.config.ts` (or `.js`) of the current folder when there is one.
 * @throws SettingError when a named one is missing, it can't be loaded, or it has a key that is no setting.
 */
export const readConfigFile = async (named: string | undefined): Promise<ConfigFile> => {
  const path = named === undefined ? usualNames.map((name) => resolve(name)).find(existsSync) : resolve(named);
  if (path === undefined) return noFile;
  if (!existsSync(path)) throw new SettingError(`--config: expected a file, but there is no ${path}`);
  const values = new Map<SettingName, unknown>();
  const hooks: Record<string, unknown> = {};
  let app: string | undefined;
  for (const [key, value] of Object.entries(await load(path))) {
    if (value === undefined) continue;
    if (key === 'app' && typeof value === 'string') app = value;
    else if (isSetting(key)) values.set(key, value);
    else if (isHook(key) && typeof value === 'function') hooks[key] = value;
    else if (isHook(key)) throw new SettingError(`${path}: expected ${key} to be a function, got ${typeof value}`);
    else throw new SettingError(`${path}: "${key}" is no setting; \`prefork --help\` lists them`);
  }
  // Each key was checked to be a hook's and its value a function.
  return { path, app, given: { values, place: (name) => `${name} in ${path}` }, hooks: hooks as Hooks };
};
