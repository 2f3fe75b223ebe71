import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const build = join(import.meta.dirname, '..', 'packages', 'dashboard', 'build', 'build.ts');

/** Builds the dashboard's files where they are missing or older than their sources. @throws Error when that fails. */
export const ensureDashboard = (): void => {
  const { status } = spawnSync(process.execPath, [build, '--if-stale'], { stdio: 'inherit' });
  if (status !== 0) throw new Error('the dashboard could not be built; what it said is above');
};
