import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { findProgram } from './find-program.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome'];

/** Path of the machine's Chromium, or undefined. */
const findChromium = (): string | undefined => findProgram(names, ['/usr/bin']);

/**
 * Sees to Chromium for the tests that a browser takes part in: the machine's, else Debian's package, which root may install.
 * Exits with a line that says what to install where neither can be had.
 * @returns the program's path
 */
export const ensureChromium = (): string => {
  const found = findChromium();
  if (found !== undefined) return found;
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    process.stdout.write('installing Chromium from Debian (once) ...\n');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const apt = (...args: string[]) => spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    apt('update');
    apt('install', '-y', '--no-install-recommends', 'chromium', 'fonts-liberation');
    const installed = findChromium();
    if (installed !== undefined) return installed;
  }
  process.stderr.write('no Chromium was found, which a test needs; install it, on Debian: apt-get install chromium\n');
  process.exit(1);
};
