import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstClosedFolder, isRoot } from '../packages/platform/src/postgres/unprivileged.ts';

/**
 * Tests that run as root start databases and dynos as other users, who must reach node and what else is below the
 * checkout. Where a folder above it is closed to them (a checkout in root's home), the script is run again under a path
 * that is open: a bind mount in a mount namespace of its own, which goes with it. A checkout folder that is closed itself
 * may be passed through meanwhile.
 * @returns the exit status of that run, or undefined where there is no need.
 */
export const runInOpenCheckout = async (
  root: string,
  script: string,
  args: readonly string[],
): Promise<number | undefined> => {
  if (!isRoot()) return undefined;
  const closed = await firstClosedFolder(root);
  if (closed === undefined) return undefined;
  const open = mkdtempSync(join(tmpdir(), 'ravine-checkout-'));
  process.stdout.write(`${closed} is closed to other users; the tests see the checkout at ${open}\n`);
  const { mode } = statSync(root);
  chmodSync(root, mode | 0o011);
  try {
    const commands = 'mount --bind "$1" "$2" && cd "$2" && shift 2 && exec "$@"';
    const inside = ['node_modules/node/bin/node', script, ...args];
    const argv = ['--mount', 'sh', '-c', commands, 'sh', root, open, ...inside];
    return spawnSync('unshare', argv, { stdio: 'inherit' }).status ?? 1;
  } finally {
    chmodSync(root, mode);
    rmdirSync(open);
  }
};
