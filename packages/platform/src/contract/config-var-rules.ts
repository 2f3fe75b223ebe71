import { invalidParams } from './platform-error.ts';

/** All names and values of one app together; Dev Center "Configuration and Config Vars", Limits. */
export const maxConfigBytes = 64 * 1024;

/** A change of config vars: text sets, null unsets. */
export type ConfigPatch = Readonly<Record<string, string | null>>;

/**
 * Checks the body of PATCH config-vars; numbers and booleans become text.
 * @throws PlatformError naming the first name or value that can't be.
 */
export const readConfigPatch = (body: unknown): ConfigPatch => {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw invalidParams('Expected a JSON object of config vars, such as {"NAME": "value"}.');
  }
  const patch: Record<string, string | null> = {};
  for (const [name, value] of Object.entries(body)) {
    checkName(name, value === null);
    patch[name] = readValue(name, value);
  }
  return patch;
};

const checkName = (name: string, unset: boolean): void => {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    throw invalidParams(
      `${JSON.stringify(name)} is not a config var name: expected letters, digits and underscores, not starting with a digit.`,
    );
  }
  if (!unset && name.startsWith('HEROKU_')) {
    throw invalidParams(`${name}: names that start with HEROKU_ are reserved for the platform; choose another name.`);
  }
};

const readValue = (name: string, value: unknown): string | null => {
  if (value === null) return null;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value !== 'string') {
    throw invalidParams(`${name}: expected a string or null, got ${Array.isArray(value) ? 'an array' : 'an object'}.`);
  }
  if (value.includes('\0')) throw invalidParams(`${name}: a config var can't hold a NUL character.`);
  return value;
};

/** @throws PlatformError when all config vars together are larger than {@link maxConfigBytes}. */
export const checkConfigSize = (config: Readonly<Record<string, string>>): void => {
  let bytes = 0;
  for (const [name, value] of Object.entries(config)) bytes += Buffer.byteLength(name) + Buffer.byteLength(value);
  if (bytes > maxConfigBytes) {
    throw invalidParams(
      `Config vars of an app can't exceed ${maxConfigBytes / 1024} KB in total; with this change they would have ${bytes} bytes.`,
    );
  }
};
