import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const script = join(import.meta.dirname, 'engine.sh');

/**
 * Sees to a container engine with the base images, by scripts/engine.sh, and makes it this process's DOCKER_HOST and its children's.
 * Exits with a line that says what to install when there is none and none can be started.
 * @returns DOCKER_HOST
 */
export const ensureEngine = (): string => {
  const { status, stdout, error } = spawnSync('bash', [script, 'up'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const host = /^DOCKER_HOST=(.+)$/m.exec(stdout ?? '')?.[1];
  if (status === 0 && host !== undefined) {
    process.env.DOCKER_HOST = host;
    return host;
  }
  // The script has said why it failed.
  if (error !== undefined) process.stderr.write(`engine: bash could not be run (${error.message}); install bash\n`);
  process.exit(1);
};
