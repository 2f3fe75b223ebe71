import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stopMemcached } from '../addons/providers/memcachier.ts';
import { stopRedisServers } from '../addons/providers/redis.ts';
import type { DataFolder } from '../domain/data-folder.ts';
import type { Settings } from '../domain/settings.ts';
import { EngineUnavailable } from '../engine/engine-error.ts';
import { stopStore } from '../objects/admin-client.ts';
import { besideFolders } from '../postgres/backup/archive-of.ts';
import { findCluster, stopCluster } from '../postgres/cluster.ts';
import type { Driver } from '../runtime/driver.ts';
import { rememberedDynos } from '../runtime/drivers/docker/remembered-dynos.ts';
import { ProcessDriver } from '../runtime/drivers/process/process-driver.ts';
import { openDatabase } from '../store/database.ts';
import { dynos } from '../store/dynos.ts';
import { openContainerEngine } from './container-engine.ts';
import { stopForwarders } from './gateway-forwards.ts';
import { runningStore } from './store-server.ts';

/**
 * Stops dynos, databases and the store, in this order; needs no control process, and none may run beside it.
 * What shall run stays noted in the store: the next start brings it back.
 */
export const stopEverything = async (
  settings: Settings,
  data: DataFolder,
): Promise<{ dynos: number; databases: number; store: boolean }> => {
  await noteStops(settings, data).catch(reportFault);
  const stopped = await stopDynos(settings, data);
  const databases = await stopDatabases(data);
  await stopStore(data.objects);
  const caches = await stopCaches(data);
  await stopForwarders(data.root);
  const ours = settings.databaseUrl === undefined;
  if (ours) await stopCluster(data.store);
  return { dynos: stopped, databases: databases + caches, store: ours };
};

/** Without this the next start would take what is stopped here for crashes, and say so in the apps' logs. */
const noteStops = async (settings: Settings, data: DataFolder): Promise<void> => {
  const address = await runningStore(settings, data);
  if (address === undefined) return;
  const db = openDatabase(address, reportFault, 1);
  try {
    await dynos.noteStops(db);
  } finally {
    await db.destroy();
  }
};

const stopDynos = async (settings: Settings, data: DataFolder): Promise<number> => {
  const graceMs = settings.stopSeconds * 1000;
  await using processes = await ProcessDriver.open({ folder: data.dynos });
  const inProcesses = await stopDynosOf(processes, graceMs);
  return inProcesses + (await stopContainers(settings, data, graceMs));
};

const reportFault = (error: unknown): void =>
  void process.stderr.write(`ravine: ${error instanceof Error ? error.message : String(error)}\n`);

const stopContainers = async (settings: Settings, data: DataFolder, graceMs: number): Promise<number> => {
  if (settings.engine === 'none') return 0;
  try {
    await using containers = await openContainerEngine(settings, data);
    return await stopDynosOf(containers.driver, graceMs);
  } catch (error) {
    if (!(error instanceof EngineUnavailable)) throw error;
    const left = (await rememberedDynos(data.containers)).filter(({ state }) => state.kind === 'running').length;
    if (left > 0)
      process.stderr.write(
        `ravine: dynos that may still run in containers, which could not be stopped: ${left}. ${error.message}\n`,
      );
    return 0;
  }
};

const stopDynosOf = async (driver: Pick<Driver, 'list' | 'kill'>, graceMs: number): Promise<number> => {
  const running = async () => (await driver.list()).filter(({ state }) => state.kind === 'running');
  const found = await running();
  for (const { id } of found) await driver.kill(id, 'SIGTERM');
  const until = Date.now() + graceMs;
  while (Date.now() < until && (await running()).length > 0) await sleep(20);
  for (const { id } of await running()) await driver.kill(id, 'SIGKILL');
  return found.length;
};

/** Memcached and the servers of key-value stores. */
const stopCaches = async (data: DataFolder): Promise<number> => {
  const stores = await stopRedisServers(data.addOns);
  return stores + ((await stopMemcached(data.memcached)) ? 1 : 0);
};

const stopDatabases = async (data: DataFolder): Promise<number> => {
  const folders = (await readdir(data.addOns).catch(() => [])).flatMap((name) =>
    ['', ...besideFolders].map((beside) => join(data.addOns, name, beside)),
  );
  const running = await Promise.all(
    folders.map(async (folder) => ((await findCluster(folder)) === undefined ? [] : [folder])),
  );
  await Promise.all(running.flat().map((folder) => stopCluster(folder)));
  return running.flat().length;
};
