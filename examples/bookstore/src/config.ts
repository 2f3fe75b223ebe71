export interface Config {
  readonly databaseUrl: string;
  readonly databaseConnections: number;
  readonly sessionSecret: string;
  readonly port: number;
  readonly logRequests: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** A setting is absent or can't be used; the message says what to do and never repeats a secret's value. */
export class ConfigError extends Error {}

/** @throws ConfigError when DATABASE_URL is absent or is not a PostgreSQL URL. */
export function readDatabaseUrl(env: Environment): string {
  const url = env.DATABASE_URL ?? '';
  if (/^postgres(ql)?:\/\//.test(url)) return url;
  throw new ConfigError(
    `DATABASE_URL must be a postgres:// URL, but it is ${url === '' ? 'not set' : 'something else'}. ` +
      'On the platform: heroku addons:create heroku-postgresql. On your machine: export DATABASE_URL=postgres://localhost/bookstore',
  );
}

/** @throws ConfigError naming the first setting that is absent or unusable. */
export function readConfig(env: Environment): Config {
  const databaseUrl = readDatabaseUrl(env);
  const sessionSecret = env.SESSION_SECRET ?? '';
  if (sessionSecret.length < 16) {
    throw new ConfigError(
      `SESSION_SECRET must have at least 16 characters, but it has ${sessionSecret.length}. ` +
        'On the platform: heroku config:set SESSION_SECRET=$(openssl rand -hex 32). On your machine: export it likewise.',
    );
  }
  return {
    databaseUrl,
    databaseConnections: readNumber(env, 'DATABASE_CONNECTIONS', 4, 1, 100),
    sessionSecret,
    port: readNumber(env, 'PORT', 3000, 0, 65_535),
    logRequests: ['1', 'true', 'yes'].includes(env.LOG_REQUESTS ?? ''),
  };
}

function readNumber(env: Environment, name: string, fallback: number, least: number, most: number): number {
  const text = env[name] ?? '';
  if (text === '') return fallback;
  const number = Number(text);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new ConfigError(`${name} must be a whole number from ${least} to ${most}, but it is "${text}".`);
}
