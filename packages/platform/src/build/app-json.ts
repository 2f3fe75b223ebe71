import { BuildFailed } from './build-failed.ts';

export interface AppJsonEnvVar {
  readonly value?: string;
  /** `secret`: a random value is made when the app is set up. */
  readonly generator?: 'secret';
  readonly required: boolean;
  readonly description?: string;
}

export interface AppJsonAddOn {
  readonly plan: string;
  readonly as?: string;
  readonly options: Readonly<Record<string, string>>;
}

export interface AppJsonFormation {
  readonly quantity?: number;
  readonly size?: string;
}

/** What Ravine uses of app.json, Dev Center "app.json Schema"; other keys are allowed and have no effect. */
export interface AppJson {
  readonly name?: string;
  readonly description?: string;
  readonly stack?: string;
  readonly env: Readonly<Record<string, AppJsonEnvVar>>;
  readonly addOns: readonly AppJsonAddOn[];
  readonly formation: Readonly<Record<string, AppJsonFormation>>;
  readonly buildpacks: readonly string[];
  readonly postdeploy?: string;
}

const kindOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value === 'object' ? 'an object' : typeof value;

const fail = (path: string, expected: string, value: unknown): never => {
  throw new BuildFailed('invalid_app_json', `app.json, ${path}: expected ${expected}, got ${kindOf(value)}.`);
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const objectAt = (value: unknown, path: string): Record<string, unknown> =>
  value === undefined ? {} : isObject(value) ? value : fail(path, 'an object', value);

const arrayAt = (value: unknown, path: string): unknown[] =>
  value === undefined ? [] : Array.isArray(value) ? value : fail(path, 'an array', value);

const stringAt = (value: unknown, path: string): string =>
  typeof value === 'string' && value !== '' ? value : fail(path, 'a non-empty string', value);

const optionalString = <Key extends string>(key: Key, value: unknown, path: string): { [K in Key]?: string } => {
  if (value === undefined || value === null) return {};
  // A computed key widens to an index signature; the only key is Key.
  return { [key]: typeof value === 'string' ? value : fail(path, 'a string', value) } as { [K in Key]?: string };
};

const mapValues = <Value>(record: Record<string, unknown>, map: (value: unknown, key: string) => Value) =>
  Object.fromEntries(Object.entries(record).map(([key, value]): [string, Value] => [key, map(value, key)]));

const parseEnvVar = (value: unknown, path: string): AppJsonEnvVar => {
  if (typeof value === 'string') return { value, required: true };
  if (typeof value === 'number' || typeof value === 'boolean') return { value: String(value), required: true };
  if (!isObject(value)) return fail(path, 'a string or an object', value);
  const { generator, required, value: given } = value;
  if (generator !== undefined && generator !== 'secret') return fail(`${path}.generator`, '"secret"', generator);
  if (required !== undefined && typeof required !== 'boolean') return fail(`${path}.required`, 'a boolean', required);
  const text = typeof given === 'number' || typeof given === 'boolean' ? String(given) : given;
  return {
    ...optionalString('value', text, `${path}.value`),
    ...(generator && { generator }),
    required: required ?? true,
    ...optionalString('description', value.description, `${path}.description`),
  };
};

const parseAddOn = (value: unknown, path: string): AppJsonAddOn => {
  if (typeof value === 'string' && value !== '') return { plan: value, options: {} };
  if (!isObject(value)) return fail(path, 'a plan such as "heroku-postgresql" or an object', value);
  return {
    plan: stringAt(value.plan, `${path}.plan`),
    ...optionalString('as', value.as, `${path}.as`),
    options: mapValues(objectAt(value.options, `${path}.options`), (option, key) =>
      typeof option === 'object' ? fail(`${path}.options.${key}`, 'a string', option) : String(option),
    ),
  };
};

const parseFormation = (value: unknown, path: string): AppJsonFormation => {
  const { quantity, size } = objectAt(value, path);
  const isCount = typeof quantity === 'number' && Number.isInteger(quantity) && quantity >= 0;
  if (quantity !== undefined && !isCount) return fail(`${path}.quantity`, 'a whole number of 0 or more', quantity);
  return { ...(isCount && { quantity }), ...optionalString('size', size, `${path}.size`) };
};

const parseBuildpack = (value: unknown, path: string): string =>
  typeof value === 'string' ? stringAt(value, path) : stringAt(objectAt(value, path).url, `${path}.url`);

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new BuildFailed('invalid_app_json', `app.json: expected JSON, got an error: ${reason}`, { cause });
  }
};

/** Reads app.json. @throws BuildFailed `invalid_app_json` with the path of the first wrong value */
export const parseAppJson = (text: string): AppJson => {
  const root = parseJson(text);
  if (!isObject(root)) return fail('top level', 'an object', root);
  const scripts = objectAt(root.scripts, 'scripts');
  const postdeploy = isObject(scripts.postdeploy) ? scripts.postdeploy.command : scripts.postdeploy;
  return {
    ...optionalString('name', root.name, 'name'),
    ...optionalString('description', root.description, 'description'),
    ...optionalString('stack', root.stack, 'stack'),
    env: mapValues(objectAt(root.env, 'env'), (value, key) => parseEnvVar(value, `env.${key}`)),
    addOns: arrayAt(root.addons, 'addons').map((value, index) => parseAddOn(value, `addons[${index}]`)),
    formation: mapValues(objectAt(root.formation, 'formation'), (value, key) =>
      parseFormation(value, `formation.${key}`),
    ),
    buildpacks: arrayAt(root.buildpacks, 'buildpacks').map((value, index) =>
      parseBuildpack(value, `buildpacks[${index}]`),
    ),
    ...optionalString('postdeploy', postdeploy, 'scripts.postdeploy'),
  };
};
