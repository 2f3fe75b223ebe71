import { findProgram } from './find-program.ts';
import { installDebian } from './install-debian.ts';

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
  installDebian(['chromium', 'fonts-liberation']);
  const installed = findChromium();
  if (installed !== undefined) return installed;
  process.stderr.write('no Chromium was found, which a test needs; install it, on Debian: apt-get install chromium\n');
  process.exit(1);
};
