import { createHash } from 'node:crypto';
import { chmod, chown } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, writeDurably } from '../files/write-durably.ts';
import type { Instance } from './instance-file.ts';
import { serverConfigOf } from './server-process.ts';

export const adminUser = 'ravine';
/** Connections beside those of the plan, for us. */
export const spareConnections = 8;
/** What could read or stop more than the database itself, or keep copies of it elsewhere, is not the customer's. */
const rights =
  '~* &* +@all -@admin -@dangerous +info +keys +flushall +flushdb +sort +sort_ro +client|list +client|kill +role +restore';

/** `users.acl`: the customer's user with those passwords whose time isn't over, and ours. */
export const customerRule = ({ passwords }: Instance): readonly string[] => [
  'reset',
  'on',
  ...passwords.filter(({ endsAtMs }) => endsAtMs === undefined || endsAtMs > Date.now()).map(({ hash }) => `#${hash}`),
  ...rights.split(' '),
];

const quoted = (text: string): string => JSON.stringify(text);

/** The text of `redis.conf`; TLS where there is a certificate. */
const serverConfig = (folder: string, instance: Instance, withTls: boolean): string => {
  const tls = {
    'tls-port': instance.tlsPort,
    'tls-cert-file': quoted(join(folder, 'data', 'tls.pem')),
    'tls-key-file': quoted(join(folder, 'data', 'tls.pem')),
    'tls-auth-clients': 'no',
  };
  const all = {
    bind: '127.0.0.1 -::1',
    port: instance.port,
    'protected-mode': 'no',
    dir: quoted(join(folder, 'data')),
    aclfile: quoted(join(folder, 'data', 'users.acl')),
    daemonize: 'no',
    'set-proc-title': 'no',
    loglevel: 'warning',
    logfile: quoted(join(folder, 'data', 'server.log')),
    databases: 16,
    appendonly: 'yes',
    appendfsync: 'everysec',
    save: '""',
    maxmemory: instance.memoryBytes,
    maxclients: instance.connections + spareConnections,
    'maxmemory-policy': instance.settings.maxmemoryPolicy,
    timeout: instance.settings.timeout,
    'notify-keyspace-events': quoted(instance.settings.notifyKeyspaceEvents),
    ...(withTls ? tls : {}),
  };
  return `${Object.entries(all)
    .map(([name, value]) => `${name} ${value}`)
    .join('\n')}\n`;
};

/**
 * Writes anew all that the server reads at its start, in files that are its own.
 * @param certificate key and chain for TLS, PEM
 * @returns the configuration's path.
 */
export const writeServerFiles = async (
  folder: string,
  instance: Instance,
  certificate: string | undefined,
): Promise<string> => {
  const data = join(folder, 'data');
  await makeFolder(data, 0o700);
  await chmod(folder, 0o711);
  const admin = createHash('sha256').update(instance.adminPassword).digest('hex');
  const users = [
    `user default ${customerRule(instance).join(' ')}`,
    `user ${adminUser} reset on #${admin} ~* &* +@all`,
  ];
  const config = serverConfigOf(folder);
  const files: Record<string, string> = {
    [join(data, 'users.acl')]: `${users.join('\n')}\n`,
    [config]: serverConfig(folder, instance, certificate !== undefined),
    ...(certificate && { [join(data, 'tls.pem')]: certificate }),
  };
  const uid = process.getuid?.() === 0 ? instance.uid : undefined;
  if (uid !== undefined) await chown(data, uid, uid);
  for (const [path, text] of Object.entries(files)) await writeDurably(path, text, uid);
  return config;
};
