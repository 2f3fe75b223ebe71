import type { Hooks } from './hooks.ts';
import type { kinds } from './kinds.ts';
import type { SettingName, settings } from './settings.data.ts';

/** How a value is written in the config file: as it is, or as the text that a flag takes. */
type Written<Value> =
  | (Value extends readonly string[] ? Value | string : Value)
  | (Value extends boolean ? never : string);

/** The default export of `prefork.config.ts`: settings by their names, and hooks. */
export type Config = Hooks & {
  /** As on the command line: `MODULE`, `MODULE:EXPORT` or `MODULE:FACTORY()`. */
  readonly app?: string;
} & {
  readonly [Name in SettingName]?: Written<ReturnType<(typeof kinds)[(typeof settings)[Name]['kind']]>> | undefined;
};
