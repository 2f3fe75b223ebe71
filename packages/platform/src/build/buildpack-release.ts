import { parse } from 'yaml';
import { BuildFailed } from './build-failed.ts';

/** What a buildpack's bin/release prints, Dev Center "Buildpack API". */
export interface BuildpackRelease {
  readonly addOns: readonly string[];
  readonly configVars: Readonly<Record<string, string>>;
  readonly defaultProcessTypes: Readonly<Record<string, string>>;
}

const stringsOf = (value: unknown): Record<string, string> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(
        Object.entries(value).flatMap(([key, each]: [string, unknown]): [string, string][] =>
          typeof each === 'string' || typeof each === 'number' || typeof each === 'boolean'
            ? [[key, String(each)]]
            : [],
        ),
      )
    : {};

/** Reads the YAML of bin/release; what it doesn't know has no effect. @throws BuildFailed `buildpack_failed` */
export const parseBuildpackRelease = (text: string, label: string): BuildpackRelease => {
  let root: unknown;
  try {
    root = parse(text) ?? {};
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BuildFailed('buildpack_failed', `${label}: expected YAML from bin/release, got an error: ${reason}`, {
      cause,
    });
  }
  // Checked key by key below.
  const { addons, config_vars, default_process_types } = (typeof root === 'object' ? root : {}) as Record<
    string,
    unknown
  >;
  return {
    addOns: Array.isArray(addons) ? addons.filter((each) => typeof each === 'string') : [],
    configVars: stringsOf(config_vars),
    defaultProcessTypes: stringsOf(default_process_types),
  };
};
