import { chown, rename, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { ClusterError } from './cluster-error.ts';
import type { RunAs } from './run-program.ts';
import type { ServerSettings } from './tuning.data.ts';

/** Where a server listens. */
export interface Listening {
  readonly socketFolder: string;
  /** Also names the Unix socket. */
  readonly port: number;
  /** Whether it listens on TCP (localhost only) beside the Unix socket. */
  readonly tcp: boolean;
  /** A further address of this machine to listen on, such as that of the bridge to containers. */
  readonly alsoOn?: string;
}

const quoted = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/** The text of postgresql.conf. */
export const serverConfig = (listening: Listening, settings: ServerSettings): string => {
  const all: ServerSettings = {
    ...settings,
    // An address that isn't there at the start is left out with a warning.
    listen_addresses: listening.tcp ? ['localhost', listening.alsoOn].filter(Boolean).join(',') : '',
    port: listening.port,
    unix_socket_directories: listening.socketFolder,
    password_encryption: 'scram-sha-256',
  };
  return `${Object.entries(all)
    .map(([name, value]) => `${name} = ${quoted(typeof value === 'boolean' ? (value ? 'on' : 'off') : String(value))}`)
    .join('\n')}\n`;
};

/**
 * The text of pg_hba.conf: whoever runs Ravine is the superuser `postgres` over the Unix socket without a password
 * (the kernel vouches for it); everyone else shows a password, and only from this machine and the networks it is in,
 * of which the server listens on those named alone. Followers, whose roles may replicate and nothing else, come from
 * this machine only.
 */
export const accessRules = `local all postgres peer map=ravine
local replication postgres peer map=ravine
local all all scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
host all all ::1/128 scram-sha-256
host all all samenet scram-sha-256
host replication all 127.0.0.1/32 scram-sha-256
host replication all ::1/128 scram-sha-256
`;

/** The text of pg_ident.conf. */
export const userMap = (osUser: string): string => `ravine "${osUser.replaceAll('"', '""')}" postgres\n`;

/** Writes the three files anew, so that a cluster made by an older Ravine gets today's settings when it next starts. */
export const writeServerConfig = async (
  dataFolder: string,
  listening: Listening,
  settings: ServerSettings,
  runAs: RunAs | undefined,
): Promise<void> => {
  const files = {
    'postgresql.conf': serverConfig(listening, settings),
    'pg_hba.conf': accessRules,
    'pg_ident.conf': userMap(ownUserName()),
  };
  for (const [name, text] of Object.entries(files)) await place(join(dataFolder, name), text, runAs);
};

/** Gives a server that an older Ravine started today's rules of access, for its next reload. */
export const writeAccessRules = (dataFolder: string, runAs: RunAs | undefined): Promise<void> =>
  place(join(dataFolder, 'pg_hba.conf'), accessRules, runAs);

const place = async (path: string, text: string, runAs: RunAs | undefined): Promise<void> => {
  await writeFile(`${path}.new`, text, { mode: 0o600 });
  if (runAs) await chown(`${path}.new`, runAs.uid, runAs.gid);
  await rename(`${path}.new`, path);
};

const ownUserName = (): string => {
  try {
    return userInfo().username;
  } catch (cause) {
    throw new ClusterError(
      `PostgreSQL runs only for a user that has a name, and uid ${process.getuid?.()} has none. Add it to /etc/passwd, or set RAVINE_DATABASE_URL to a server of your own.`,
      { cause },
    );
  }
};
