import { lstat, mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder, writeDurably } from '../../files/write-durably.ts';
import { removeCluster } from '../cluster.ts';

/** What is not of use to a server of the other version. */
const names = ['data', 'archive', 'wal'];

const isThere = async (path: string): Promise<boolean> => (await lstat(path).catch(() => undefined)) !== undefined;

/** Where a cluster is upgraded, beside the old one; and where the old one is afterwards. */
export const upgradeFolder = (folder: string): string => join(folder, 'upgrade');
const formerFolder = (folder: string): string => join(folder, 'before-upgrade');

/** From here on the cluster in the folder is the one that was made beside, whoever is killed when. */
export const decideUpgrade = async (folder: string): Promise<void> => {
  await rm(formerFolder(folder), { recursive: true, force: true });
  await writeDurably(join(upgradeFolder(folder), 'ready'), '');
};

/** Puts a cluster that was made beside in the place of the old one, once that is decided; no-op before and after. */
export const finishUpgrade = async (folder: string): Promise<void> => {
  const fresh = upgradeFolder(folder);
  if (!(await isThere(join(fresh, 'ready')))) return;
  if (await isThere(join(fresh, 'data'))) {
    const former = formerFolder(folder);
    await mkdir(former, { recursive: true, mode: 0o700 });
    for (const name of names) {
      const isMoved = await isThere(join(former, name));
      if (!isMoved && (await isThere(join(folder, name)))) await rename(join(folder, name), join(former, name));
    }
    await syncFolder(former);
    await rename(join(fresh, 'data'), join(folder, 'data'));
    await syncFolder(folder);
  }
  await removeCluster(fresh);
};
