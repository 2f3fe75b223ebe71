import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataFolder } from '../domain/data-folder.ts';
import type { Settings } from '../domain/settings.ts';
import { findCluster, stopCluster } from '../postgres/cluster.ts';
import { ProcessDriver } from '../runtime/drivers/process/process-driver.ts';

/**
 * Stops dynos, databases and the store, in this order; needs no control process, and none may run beside it.
 * What shall run stays noted in the store: the next start brings it back.
 */
export const stopEverything = async (
  settings: Settings,
  data: DataFolder,
): Promise<{ dynos: number; databases: number; store: boolean }> => {
  const dynos = await stopDynos(data, settings.stopSeconds * 1000);
  const databases = await stopDatabases(data);
  const ours = settings.databaseUrl === undefined;
  if (ours) await stopCluster(data.store);
  return { dynos, databases, store: ours };
};

const stopDynos = async (data: DataFolder, graceMs: number): Promise<number> => {
  await using driver = await ProcessDriver.open({ folder: data.dynos });
  const running = async () => (await driver.list()).filter(({ state }) => state.kind === 'running');
  const found = await running();
  for (const { id } of found) await driver.kill(id, 'SIGTERM');
  const until = Date.now() + graceMs;
  while (Date.now() < until && (await running()).length > 0) await sleep(20);
  for (const { id } of await running()) await driver.kill(id, 'SIGKILL');
  return found.length;
};

const stopDatabases = async (data: DataFolder): Promise<number> => {
  const folders = (await readdir(data.addOns).catch(() => [])).map((name) => join(data.addOns, name));
  const running = await Promise.all(
    folders.map(async (folder) => ((await findCluster(folder)) === undefined ? [] : [folder])),
  );
  await Promise.all(running.flat().map((folder) => stopCluster(folder)));
  return running.flat().length;
};
