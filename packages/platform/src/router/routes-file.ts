import { open, readFile, rename } from 'node:fs/promises';
import type { RouteSnapshot } from '../domain/route-snapshot.ts';

const isSnapshot = (value: unknown): value is RouteSnapshot =>
  typeof value === 'object' &&
  value !== null &&
  'version' in value &&
  typeof value.version === 'number' &&
  ['apps', 'hosts', 'certificates'].every(
    // Each is read by its keys only, which any object has.
    (key) => typeof (value as Record<string, unknown>)[key] === 'object',
  );

/**
 * Replaces the file in one step; mode 0600, since it names the files of keys.
 * @param snapshot as JSON
 */
export const writeRoutes = async (file: string, snapshot: string): Promise<void> => {
  const temporary = `${file}.${process.pid}.tmp`;
  const handle = await open(temporary, 'w', 0o600);
  try {
    await handle.writeFile(snapshot);
    await handle.datasync();
  } finally {
    await handle.close();
  }
  await rename(temporary, file);
};

/** The snapshot on disk; undefined when there is none, or none that can be used. */
export const readRoutes = async (file: string): Promise<RouteSnapshot | undefined> => {
  try {
    const value: unknown = JSON.parse(await readFile(file, 'utf8'));
    return isSnapshot(value) ? value : undefined;
  } catch {
    return undefined;
  }
};
