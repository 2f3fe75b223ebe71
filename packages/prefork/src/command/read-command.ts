import { resolve } from 'node:path';
import type { CommandLine } from '../settings/command-line.ts';
import { type ConfigFile, readConfigFile } from '../settings/config-file.ts';
import { type Hooks, workerHookNames } from '../settings/hooks.ts';
import { fromEnvironment, readSettings, SettingError, type Settings } from '../settings/read-settings.ts';
import type { PassedSocket } from './sockets.ts';

/** All that `prefork` was told, by flags, environment and config file together. */
export interface Command {
  readonly app: string;
  readonly settings: Settings;
  readonly binds: readonly string[];
  readonly hooks: Hooks;
  readonly config: ConfigFile;
  /** The config file's path if workers need it for their hooks. */
  readonly workerConfig: string | undefined;
}

const bindsOf = (
  settings: Settings,
  activated: readonly PassedSocket[],
  port: string | undefined,
): readonly string[] => {
  if (settings.bind !== undefined && settings.bind.length > 0) return settings.bind;
  if (activated.length > 0) return activated.map(({ bind }) => bind);
  if (!port) return ['127.0.0.1:8000'];
  if (!/^\d{1,5}$/.test(port)) throw new SettingError(`PORT: expected a port number, got "${port}"`);
  return [`0.0.0.0:${port}`];
};

const enter = (folder: string | undefined, startFolder: string): void => {
  const path = resolve(startFolder, folder ?? '.');
  try {
    process.chdir(path);
  } catch {
    throw new SettingError(`chdir: expected a folder that this user may enter, got ${path}`);
  }
};

/**
 * Reads everything anew; called at the start and at each reload.
 * @throws SettingError
 */
export const readCommand = async (
  line: CommandLine,
  activated: readonly PassedSocket[],
  startFolder: string,
): Promise<Command> => {
  const environment = fromEnvironment(process.env);
  enter(readSettings([environment, line.flags]).chdir, startFolder);
  const config = await readConfigFile(line.configFile);
  const settings = readSettings([config.given, environment, line.flags]);
  enter(settings.chdir, startFolder);
  const app = line.app ?? config.app;
  if (app === undefined) {
    throw new SettingError('expected an app, got none; try: prefork app.ts (or name it as `app` in prefork.config.ts)');
  }
  const hasWorkerHooks = workerHookNames.some((name) => config.hooks[name] !== undefined);
  return {
    app,
    settings,
    binds: bindsOf(settings, activated, process.env.PORT),
    hooks: config.hooks,
    config,
    workerConfig: hasWorkerHooks ? config.path : undefined,
  };
};
