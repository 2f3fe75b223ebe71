import { chmod, mkdir, readFile } from 'node:fs/promises';
import type { DataFolder } from '../domain/data-folder.ts';
import type { RouteSnapshot } from '../domain/route-snapshot.ts';

/** Makes what is missing of the data folder, with the modes that keep Unix users apart. */
export const makeDataFolders = async (data: DataFolder): Promise<void> => {
  // Other users pass through to what is theirs where Ravine is root; the rest is closed to them.
  const passable = process.getuid?.() === 0 ? 0o711 : 0o700;
  for (const folder of [data.root, data.runtimes, data.slugs, data.dynos, data.addOns, data.builds, data.caches]) {
    await mkdir(folder, { recursive: true, mode: passable });
    await chmod(folder, passable);
  }
  const closed = [
    data.run,
    data.secrets,
    data.certificates,
    data.repositories,
    data.logs,
    data.outputs,
    data.sources,
    data.metrics,
    data.memcached,
    data.backups,
  ];
  for (const folder of closed) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  }
};

/** The routes that were last published, from before this process. */
export const lastSnapshot = async (data: DataFolder): Promise<RouteSnapshot | undefined> => {
  try {
    return JSON.parse(await readFile(data.routes, 'utf8')) as RouteSnapshot; // written whole by the route hub
  } catch {
    return undefined;
  }
};
