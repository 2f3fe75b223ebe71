import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { ClusterError } from './cluster-error.ts';
import type { RunAs } from './run-program.ts';

export const isRoot = (): boolean => process.getuid?.() === 0;

/**
 * The user that makes clusters in place of root; undefined when we aren't root.
 * It must have a name: initdb refuses a uid that the user database doesn't list.
 * @throws ClusterError when the machine has neither `nobody` nor `daemon`.
 */
export const makerOfClusters = async (): Promise<RunAs | undefined> => {
  if (!isRoot()) return undefined;
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of ['nobody', 'daemon']) {
    const found = lines.find((fields) => fields[0] === name);
    if (found?.[2] && found[3]) return { uid: Number(found[2]), gid: Number(found[3]) };
  }
  throw new ClusterError(
    'PostgreSQL does not run as root, so a user named "nobody" or "daemon" was expected in /etc/passwd, and there is none. Add one (useradd --system nobody).',
  );
};

/** Whether any user may pass through every folder that leads to `path`; the first one that bars the way, otherwise. */
export const firstClosedFolder = async (path: string): Promise<string | undefined> => {
  const chain: string[] = [];
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    chain.unshift(folder);
    if (folder === dirname(folder)) break;
  }
  for (const folder of chain) {
    const mode = (await stat(folder)).mode;
    if ((mode & 0o001) === 0) return folder;
  }
  return undefined;
};

/** @throws ClusterError when we are root and other users can't reach `folder`. */
export const assertReachable = async (folder: string): Promise<void> => {
  if (!isRoot()) return;
  const closed = await firstClosedFolder(folder);
  if (closed === undefined) return;
  throw new ClusterError(
    `PostgreSQL does not run as root, so its files in ${folder} must be reachable by another user, but ${closed} lets only its owner in. Choose a data folder elsewhere (--data /var/lib/ravine) or run "chmod o+x ${closed}".`,
  );
};
