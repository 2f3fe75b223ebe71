import { join } from 'node:path';
import { BaseBackups } from './base-backups.ts';
import { WalArchive } from './wal-archive.ts';

/** Where the archive of a cluster's folder is. */
export const archiveOf = (folder: string): { readonly backups: BaseBackups; readonly archive: WalArchive } => ({
  backups: new BaseBackups(join(folder, 'archive', 'base')),
  archive: new WalArchive(join(folder, 'wal'), join(folder, 'archive', 'wal')),
});

/** Folders, in that of a cluster, where clusters are restored into for a while. */
export const besideFolders: readonly string[] = ['restore', 'drill', 'upgrade'];
