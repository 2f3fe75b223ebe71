import { type DynoSize, defaultDynoSize, dynoSizes, findDynoSize } from '../domain/dyno-size.data.ts';

const mb = 1024 * 1024;

/** The size of this name, or the default one. */
export const sizeNamed = (name: string): DynoSize => {
  const size = findDynoSize(name) ?? findDynoSize(defaultDynoSize) ?? dynoSizes[0];
  if (size === undefined) throw new Error('Expected at least one dyno size in the table, found none.');
  return size;
};

/** A dyno's env: config vars, then what its name and size give; the concurrency yields to the app's own (Dev Center, "Optimizing Dyno Usage"). */
export const dynoEnv = (
  name: string,
  size: DynoSize,
  config: Readonly<Record<string, string>>,
): Record<string, string> => ({
  WEB_CONCURRENCY: String(size.webConcurrency),
  WEB_MEMORY: String(Math.floor(size.memoryBytes / mb / size.webConcurrency)),
  ...config,
  DYNO: name,
  DYNO_RAM: String(size.memoryBytes / mb),
});
