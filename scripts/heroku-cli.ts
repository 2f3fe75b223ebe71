import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '..', 'e2e', 'cli');

/** The official heroku CLI that the e2e tests drive; apart from our own dependencies, since it weighs 400 MB. */
export const herokuCli = join(folder, 'node_modules', '.bin', 'heroku');

/** Installs the official CLI by its own lock file when it is absent. Exits with instructions when that fails. */
export const installHerokuCli = (): void => {
  if (existsSync(herokuCli)) return;
  process.stdout.write('installing the official heroku CLI into e2e/cli (once, 400 MB) ...\n');
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--silent'], { cwd: folder, stdio: 'inherit' });
  if (status === 0) return;
  process.stderr.write('the heroku CLI could not be installed; run `npm ci` in e2e/cli and see what it says\n');
  process.exit(1);
};
