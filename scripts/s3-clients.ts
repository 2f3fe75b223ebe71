import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { findProgram } from './find-program.ts';

/** Programs, and the packages of Debian that have them. */
const programs = ['s3cmd', 'rclone', 'aws'];
const packages = ['s3cmd', 'rclone', 'awscli', 'python3-boto3'];

/** Debian's own, which sees Debian's modules; another one on the PATH does not. */
export const systemPython = '/usr/bin/python3';

const isInstalled = (): boolean =>
  programs.every((program) => findProgram([program], ['/usr/bin']) !== undefined) &&
  spawnSync(systemPython, ['-c', 'import boto3'], { stdio: 'ignore' }).status === 0;

/**
 * Sees to clients of S3 that others have written: the machine's, else Debian's packages, which root may install.
 * Exits with a line that says what to install where neither can be had.
 */
export const ensureS3Clients = (): void => {
  if (isInstalled()) return;
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) {
    process.stdout.write('installing s3cmd, rclone, awscli and boto3 from Debian (once) ...\n');
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const apt = (...args: string[]) => spawnSync('apt-get', args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    apt('update');
    apt('install', '-y', '--no-install-recommends', ...packages);
    if (isInstalled()) return;
  }
  process.stderr.write(
    `some clients of S3 were not found, which tests of buckets need; install them, on Debian: apt-get install ${packages.join(' ')}\n`,
  );
  process.exit(1);
};
