import { findProgram } from './find-program.ts';
import { installDebian } from './install-debian.ts';

/** The first one has no user interface, whose own pages cost the others a quarter of their time even where nobody sees them. */
const names = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'];

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
  installDebian(['chromium-headless-shell', 'fonts-liberation']);
  const installed = findChromium();
  if (installed !== undefined) return installed;
  process.stderr.write(
    'no Chromium was found, which a test needs; install it, on Debian: apt-get install chromium-headless-shell\n',
  );
  process.exit(1);
};
