/** Dyno sizes; memory and share as in the Dev Center's "Dyno Types". */
export interface DynoSize {
  readonly name: string;
  /** R14 above it, R15 and SIGKILL above twice of it. */
  readonly memoryBytes: number;
  readonly maxProcesses: number;
  /** Relative CPU weight. */
  readonly cpuShares: number;
  /** Default WEB_CONCURRENCY. */
  readonly webConcurrency: number;
}

const mb = 1024 * 1024;

export const dynoSizes: readonly DynoSize[] = [
  { name: 'Eco', memoryBytes: 512 * mb, maxProcesses: 256, cpuShares: 1024, webConcurrency: 2 },
  { name: 'Basic', memoryBytes: 512 * mb, maxProcesses: 256, cpuShares: 1024, webConcurrency: 2 },
  { name: 'Standard-1X', memoryBytes: 512 * mb, maxProcesses: 256, cpuShares: 1024, webConcurrency: 2 },
  { name: 'Standard-2X', memoryBytes: 1024 * mb, maxProcesses: 512, cpuShares: 2048, webConcurrency: 4 },
  { name: 'Performance-M', memoryBytes: 2560 * mb, maxProcesses: 16384, cpuShares: 4096, webConcurrency: 5 },
  { name: 'Performance-L', memoryBytes: 14336 * mb, maxProcesses: 32768, cpuShares: 8192, webConcurrency: 8 },
];

export const defaultDynoSize = 'Basic';

/** Finds a size by its name in any case (`standard-1x`), or undefined. */
export const findDynoSize = (name: string): DynoSize | undefined =>
  dynoSizes.find((size) => size.name.toLowerCase() === name.toLowerCase());
