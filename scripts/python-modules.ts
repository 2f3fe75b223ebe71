import { spawnSync } from 'node:child_process';
import { installDebian } from './install-debian.ts';

/** Modules that tests' clients import, and the Debian package of each. */
const packages = {
  boto3: 'python3-boto3',
  'storages.backends.s3boto3': 'python3-django-storages-boto3',
  bmemcached: 'python3-binary-memcached',
  pylibmc: 'python3-pylibmc',
} as const;

export type PythonModule = keyof typeof packages;

/** Debian's own, which sees Debian's modules; another one on the PATH does not. */
export const systemPython = '/usr/bin/python3';

/** Found, not imported: one of Django's wants settings. */
const found = 'import sys; from importlib.util import find_spec; sys.exit(find_spec(sys.argv[1]) is None)';

const isThere = (module: PythonModule): boolean =>
  spawnSync(systemPython, ['-c', found, module], { stdio: 'ignore' }).status === 0;

/** Sees to modules of {@link systemPython}. Exits with a line that says what to install where they can't be had. */
export const ensurePythonModules = (modules: readonly PythonModule[]): void => {
  const missing = () => modules.filter((module) => !isThere(module)).map((module) => packages[module]);
  if (missing().length > 0) installDebian(missing());
  if (missing().length === 0) return;
  const names = missing().join(' ');
  process.stderr.write(`tests need modules of ${systemPython}; on Debian: apt-get install ${names}\n`);
  process.exit(1);
};
