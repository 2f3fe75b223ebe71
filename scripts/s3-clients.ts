import { findProgram } from './find-program.ts';
import { installDebian } from './install-debian.ts';
import { ensurePythonModules } from './python-modules.ts';

/** Programs, and the package of Debian that has each. */
const packages = { s3cmd: 's3cmd', rclone: 'rclone', aws: 'awscli' } as const;

const missing = (): readonly string[] =>
  Object.entries(packages).flatMap(([program, name]) => (findProgram([program], ['/usr/bin']) ? [] : [name]));

/**
 * Sees to clients of S3 that others have written: the machine's, else Debian's packages, which root may install.
 * Exits with a line that says what to install where neither can be had.
 */
export const ensureS3Clients = (): void => {
  ensurePythonModules(['boto3', 'storages.backends.s3boto3']);
  if (missing().length > 0) installDebian(missing());
  if (missing().length === 0) return;
  process.stderr.write(
    `some clients of S3 were not found, which tests of buckets need; on Debian: apt-get install ${missing().join(' ')}\n`,
  );
  process.exit(1);
};
