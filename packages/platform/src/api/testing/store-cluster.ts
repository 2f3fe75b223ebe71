import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { locateBinaries } from '../../postgres/binaries.ts';
import { openCluster, removeCluster } from '../../postgres/cluster.ts';
import { ClusterTemplate } from '../../postgres/template.ts';
import { templatesFolder } from '../../postgres/testing/templates-folder.ts';
import { storeSettings } from '../../postgres/tuning.data.ts';
import { type Database, openDatabase } from '../../store/database.ts';
import { migrate } from '../../store/migrate.ts';

export interface TestStore {
  /** A temporary folder of this store's, open to other users for passing through. */
  readonly folder: string;
  readonly url: string;
  readonly db: Database;
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

const uid = 300_002;

/** A migrated store in a PostgreSQL of its own. */
export const startTestStore = async (): Promise<TestStore> => {
  const folder = await mkdtemp(join(tmpdir(), 'ravine-api-'));
  await chmod(folder, 0o711);
  const binaries = await locateBinaries(join(folder, 'runtimes'));
  const template = new ClusterTemplate(binaries, templatesFolder(folder));
  const cluster = await openCluster({
    binaries,
    template,
    folder: join(folder, 'store'),
    port: 5432,
    tcp: false,
    uid,
    settings: storeSettings,
    bootstrap: ['ALTER DATABASE app RENAME TO ravine'],
  });
  await cluster.start();
  const { host, port, user } = cluster.superuser;
  const url = `postgres://${user}@/ravine?host=${encodeURIComponent(host)}&port=${port}`;
  const db = openDatabase(url, () => {}); // a test stops the store on purpose
  await migrate(db);
  return {
    folder,
    url,
    db,
    stop: () => cluster.stop(),
    start: async () => void (await cluster.start()),
    close: async () => {
      await db.destroy();
      await removeCluster(join(folder, 'store'));
      await rm(folder, { recursive: true, force: true });
    },
  };
};
