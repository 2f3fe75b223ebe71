import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '..', 'e2e', 'cli');

/** The official heroku CLI that the e2e tests drive; apart from our own dependencies, since it weighs 400 MB. */
export const herokuCli = join(folder, 'node_modules', '.bin', 'heroku');

/**
 * Installs the official CLI by its own lock file when it is absent, which is mostly waiting: other things can be done meanwhile.
 * @returns whether it is there; false once it has said what to do
 */
export const installHerokuCli = async (): Promise<boolean> => {
  if (existsSync(herokuCli)) return true;
  process.stdout.write('installing the official heroku CLI into e2e/cli (once, 400 MB) ...\n');
  const npm = spawn('npm', ['ci', '--no-audit', '--no-fund', '--silent'], { cwd: folder, stdio: 'inherit' });
  const status = await new Promise((resolve) => npm.on('error', resolve).on('close', resolve));
  if (status === 0) return true;
  process.stderr.write('the heroku CLI could not be installed; run `npm ci` in e2e/cli and see what it says\n');
  return false;
};
