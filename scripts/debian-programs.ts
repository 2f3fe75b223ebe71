import { existsSync } from 'node:fs';
import { findProgram } from './find-program.ts';
import { installDebian } from './install-debian.ts';

/** Programs that tests compare with or talk to, and the Debian package of each. */
const packages = {
  memcached: { path: '/usr/bin/memcached', name: 'memcached' },
  memccat: { path: '/usr/bin/memccat', name: 'libmemcached-tools' },
  curl: { path: '/usr/bin/curl', name: 'curl' },
  h2load: { path: '/usr/bin/h2load', name: 'nghttp2-client' },
  wrk: { path: '/usr/bin/wrk', name: 'wrk' },
  'postgres of version 15': { path: '/usr/lib/postgresql/15/bin/postgres', name: 'postgresql-15' },
  'redis-server': { path: '/usr/bin/redis-server', name: 'redis-server' },
} as const;

export type DebianProgram = keyof typeof packages;

const isInstalled = (program: DebianProgram): boolean => {
  const { path } = packages[program];
  return existsSync(path) || findProgram([program], ['/usr/bin']) !== undefined;
};

/**
 * Sees to programs of the system: the machine's, else Debian's packages, which root may install.
 * Exits with a line that says what to install where they can't be had.
 */
export const ensurePrograms = (programs: readonly DebianProgram[]): void => {
  const missing = programs.filter((program) => !isInstalled(program)).map((program) => packages[program].name);
  if (missing.length === 0) return;
  installDebian(missing);
  if (programs.every(isInstalled)) return;
  process.stderr.write(
    `tests need ${missing.join(' and ')}; install it, on Debian: apt-get install ${missing.join(' ')}\n`,
  );
  process.exit(1);
};
