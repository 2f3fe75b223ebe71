import type { DataFolder } from '../domain/data-folder.ts';
import type { Settings } from '../domain/settings.ts';
import type { PostgresBinaries } from '../postgres/binaries.ts';
import { findCluster, openCluster, superuserOf } from '../postgres/cluster.ts';
import { type ClusterKeeper, keepRunning } from '../postgres/keep-running.ts';
import type { ClusterTemplate } from '../postgres/template.ts';
import { storeSettings } from '../postgres/tuning.data.ts';
import type { StoreAddress } from '../store/database.ts';

/** Unix uid of the embedded store's server where Ravine is root. */
const storeUid = 300_000;
/** The store has no TCP port; this number only names its Unix socket. */
const storePort = 5100;
const embeddedStoreDatabase = 'ravine';

export interface StoreServer extends AsyncDisposable {
  readonly address: StoreAddress;
  /** To be called by whoever sees a connection break. */
  nudge(): void;
}

/** Where the store answers if it runs; asks nobody to start it. */
export const runningStore = async (settings: Settings, data: DataFolder): Promise<StoreAddress | undefined> => {
  if (settings.databaseUrl !== undefined) return settings.databaseUrl;
  if ((await findCluster(data.store)) === undefined) return undefined;
  return { ...superuserOf(data.store, storePort), database: embeddedStoreDatabase };
};

/** The PostgreSQL that the settings name, or the embedded one: adopted or started, and kept running from now on. */
export const openStoreServer = async (
  settings: Settings,
  data: DataFolder,
  { binaries, template }: { binaries: PostgresBinaries; template: ClusterTemplate },
  signal: AbortSignal,
): Promise<StoreServer> => {
  if (settings.databaseUrl !== undefined) {
    return { address: settings.databaseUrl, nudge: () => {}, [Symbol.asyncDispose]: () => Promise.resolve() };
  }
  const cluster = await openCluster(
    {
      binaries,
      template,
      folder: data.store,
      port: storePort,
      tcp: false,
      uid: storeUid,
      settings: storeSettings,
      bootstrap: [`ALTER DATABASE app RENAME TO ${embeddedStoreDatabase}`],
    },
    signal,
  );
  const keeper: ClusterKeeper = keepRunning(cluster);
  await keeper.running(signal);
  return {
    address: { ...cluster.superuser, database: embeddedStoreDatabase },
    nudge: () => keeper.nudge(),
    [Symbol.asyncDispose]: () => keeper.close(),
  };
};
