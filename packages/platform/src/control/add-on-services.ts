import { readFile } from 'node:fs/promises';
import { PostgresProvider } from '../addons/providers/postgres.ts';
import type { StorageProvider } from '../addons/providers/storage.ts';
import { AddOnReconciler } from '../addons/reconciler.ts';
import type { CacheServices } from '../api/cache-services.ts';
import type { Databases } from '../api/services.ts';
import type { AddOnId } from '../domain/ids.ts';
import { nowUs } from '../domain/log-line.ts';
import type { PostgresBinaries } from '../postgres/binaries.ts';
import type { ClusterTemplate } from '../postgres/template.ts';
import { addOns } from '../store/add-ons.ts';
import { addOnPorts, addOnRecords } from './add-on-records.ts';
import { Caches, type CachesParts } from './caches.ts';
import { openDatabases } from './databases.ts';
import type { EngineWatch } from './engine-watch.ts';
import { GatewayForwards } from './gateway-forwards.ts';

export interface AddOnServicesParts extends CachesParts {
  readonly binaries: PostgresBinaries;
  readonly template: ClusterTemplate;
  readonly containers: EngineWatch;
  readonly storage: StorageProvider;
}

/** What runs behind add-ons of every service, and what the API asks of them. */
export interface AddOnServices extends AsyncDisposable {
  readonly reconciler: AddOnReconciler;
  readonly databases: Databases;
  readonly caches: CacheServices;
  /** How it stands about having a database back. */
  readonly backupFacts: PostgresProvider['backupFacts'];
  /** To be told of each change of an app. */
  onChange(): void;
}

/** Starts the providers, the loop over the add-ons' rows, and the way of containers to both. */
export const openAddOnServices = (parts: AddOnServicesParts): AddOnServices => {
  const { db, keyring, releases, data, settings, containers, onFault, binaries, template } = parts;
  const owned = new AsyncDisposableStack();
  const tell = async (id: AddOnId, reason: string): Promise<void> => {
    const addOn = await addOns.byId(db, id);
    if (addOn === undefined) return;
    onFault(new Error(`${addOn.name}: ${reason}`));
    parts.log(addOn.appId, [
      { atUs: nowUs(), source: 'app', dyno: 'heroku-postgres', text: `${addOn.name}: ${reason}` },
    ]);
  };
  const provider = owned.use(
    new PostgresProvider({
      onTrouble: (id, reason) => void tell(id, reason).catch(onFault),
      binaries,
      template,
      folder: data.addOns,
      certificate: () => readFile(parts.certificate, 'utf8'),
      alsoOn: () => containers.engine?.gateway,
      ports: { from: settings.databasePorts.first, to: settings.databasePorts.last },
    }),
  );
  const forwards = owned.use(
    new GatewayForwards({
      dataFolder: data.root,
      gateways: async () => (await containers.engine?.gateways()) ?? [],
      ports: () => addOnPorts(db),
      onFault,
    }),
  );
  containers.onArrival(() => forwards.nudge());
  const caches = owned.use(new Caches(parts));
  const reconciler = owned.use(
    new AddOnReconciler(addOnRecords(db, releases, keyring), [provider, parts.storage, ...caches.providers], onFault),
  );
  const databases = owned.use(openDatabases({ db, keyring, releases, provider, data, onFault }));
  return {
    reconciler,
    databases,
    caches: caches.services,
    backupFacts: (id) => provider.backupFacts(id),
    onChange() {
      reconciler.onChange();
      forwards.nudge();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
};
