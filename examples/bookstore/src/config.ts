import type { BucketConfig } from './media/bucket.ts';

export interface Config {
  readonly databaseUrl: string;
  readonly databaseConnections: number;
  readonly sessionSecret: string;
  readonly logRequests: boolean;
  /** Send browsers that came by http to https, except on this machine. */
  readonly httpsRedirect: boolean;
  /** Where uploads are kept without a bucket. */
  readonly mediaFolder: string;
  readonly bucket: BucketConfig | undefined;
  readonly cache: CacheConfig | undefined;
  /** Pages refer to files by their fingerprints, which `npm run build` makes. */
  readonly production: boolean;
}

export interface CacheConfig {
  /** `HOST:PORT`, several with commas between them. */
  readonly servers: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
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
    logRequests: readSwitch(env, 'LOG_REQUESTS', false),
    httpsRedirect: readSwitch(env, 'HTTPS_REDIRECT', true),
    mediaFolder: env.MEDIA_FOLDER || 'media',
    bucket: readBucket(env),
    cache: readCache(env),
    production: env.NODE_ENV === 'production',
  };
}

/** The names of the add-on Bucketeer, or those that the tools of AWS and django-storages read. */
function readBucket(env: Environment): BucketConfig | undefined {
  const name = env.AWS_STORAGE_BUCKET_NAME || env.BUCKETEER_BUCKET_NAME;
  if (!name) return undefined;
  const own = env.AWS_STORAGE_BUCKET_NAME ? '' : 'BUCKETEER_';
  const region = env[`${own}AWS_REGION`] || env.AWS_S3_REGION_NAME || 'us-east-1';
  const endpoint = env.AWS_S3_ENDPOINT_URL || env.AWS_ENDPOINT_URL_S3 || `https://s3.${region}.amazonaws.com`;
  if (!URL.canParse(endpoint) || !/^https?:/.test(endpoint))
    throw new ConfigError(`AWS_S3_ENDPOINT_URL must be an http:// or https:// URL, but it is "${endpoint}".`);
  const secretOf = (variable: string): string => {
    if (env[variable]) return env[variable];
    throw new ConfigError(
      `${variable} must be set, because the bucket "${name}" is named for uploads. Set it, or unset the bucket.`,
    );
  };
  return {
    name,
    endpoint,
    region,
    accessKeyId: secretOf(`${own}AWS_ACCESS_KEY_ID`),
    secretAccessKey: secretOf(`${own}AWS_SECRET_ACCESS_KEY`),
  };
}

function readCache(env: Environment): CacheConfig | undefined {
  const servers = env.MEMCACHIER_SERVERS;
  if (!servers) return undefined;
  return { servers, username: env.MEMCACHIER_USERNAME, password: env.MEMCACHIER_PASSWORD };
}

function readSwitch(env: Environment, name: string, fallback: boolean): boolean {
  const text = (env[name] ?? '').toLowerCase();
  if (text === '') return fallback;
  if (['1', 'true', 'yes', 'on'].includes(text)) return true;
  if (['0', 'false', 'no', 'off'].includes(text)) return false;
  throw new ConfigError(`${name} must be 1 or 0, but it is "${text}".`);
}

function readNumber(env: Environment, name: string, fallback: number, least: number, most: number): number {
  const text = env[name] ?? '';
  if (text === '') return fallback;
  const number = Number(text);
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new ConfigError(`${name} must be a whole number from ${least} to ${most}, but it is "${text}".`);
}
