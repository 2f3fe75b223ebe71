import { kinds } from './kinds.ts';
import { type Setting, type SettingName, settings } from './settings.data.ts';

type ValueOf<Name extends SettingName> = ReturnType<(typeof kinds)[(typeof settings)[Name]['kind']]>;

/** All settings with their values; undefined where nothing was given and there is no default. */
export type Settings = {
  readonly [Name in SettingName]: (typeof settings)[Name]['default'] extends string
    ? ValueOf<Name>
    : ValueOf<Name> | undefined;
};

/** A setting that can't be read; the message names where it was given. */
export class SettingError extends Error {
  override readonly name = 'SettingError';
}

/** Values by name of the setting, as texts or as written in the config file; with the place to name in errors. */
export interface Given {
  readonly values: ReadonlyMap<SettingName, unknown>;
  readonly place: (name: SettingName) => string;
}

export const settingNames = Object.keys(settings) as readonly SettingName[]; // the table's own keys

const rowOf = (name: SettingName): Setting => settings[name];

export const fromEnvironment = (env: NodeJS.ProcessEnv): Given => {
  const variable = (name: SettingName): string | undefined => rowOf(name).env.find((key) => env[key]);
  return {
    values: new Map(
      settingNames.flatMap((name) => {
        const key = variable(name);
        return key === undefined ? [] : [[name, env[key]]];
      }),
    ),
    place: (name) => variable(name) ?? name,
  };
};

const tableDefaults: Given = {
  values: new Map(
    settingNames.flatMap((name) => {
      const value = rowOf(name).default;
      return value === undefined ? [] : [[name, value]];
    }),
  ),
  place: (name) => `the default of ${name}`,
};

/**
 * The settings that hold, from what was given in rising precedence.
 * @throws SettingError for the first value that its kind refuses.
 */
export const readSettings = (given: readonly Given[]): Settings => {
  const read = (name: SettingName): unknown => {
    const source = [tableDefaults, ...given].findLast(({ values }) => values.has(name));
    if (source === undefined) return undefined;
    try {
      return kinds[rowOf(name).kind](source.values.get(name));
    } catch (error) {
      throw new SettingError(`${source.place(name)}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const values = Object.fromEntries(settingNames.map((name) => [name, read(name)])) as Settings; // each read by its own kind
  if ((values.certfile === undefined) !== (values.keyfile === undefined)) {
    throw new SettingError('certfile and keyfile: expected both or neither, got one of them');
  }
  return values;
};
