import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

let isUpToDate = false;

/** Installs Debian's packages where we are root on a Debian; else nothing happens. Their caller looks what is there. */
export const installDebian = (names: readonly string[]): void => {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return;
  process.stdout.write(`installing ${names.join(', ')} from Debian (once) ...\n`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const apt = (...args: string[]) => spawnSync('apt-get', args, { env, stdio: 'ignore' });
  if (!isUpToDate) apt('update');
  isUpToDate = true;
  apt('install', '-y', '--no-install-recommends', ...names);
};
