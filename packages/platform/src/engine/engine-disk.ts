import { statfs } from 'node:fs/promises';
import type { Engine } from './engine.ts';

/** A build at full speed writes a few dozen megabytes in this time. */
const lookEveryMs = 100;
const mostReservedBytes = 512 * 1024 * 1024;
const reservedPart = 0.1;
/** BuildKit keeps a context as it came and unpacks it beside that. */
const contextCopies = 2;

const fullDisk = (): Error => new Error('The disk of the container engine is full.');

/** The folder in which an engine of this machine keeps its images; undefined for one whose files are elsewhere. */
export const engineFolder = async (engine: Engine): Promise<string | undefined> => {
  if (engine.endpoint.kind !== 'socket') return undefined;
  const { DockerRootDir } = await engine.json<{ readonly DockerRootDir?: string }>('GET', '/info');
  if (!DockerRootDir) return undefined;
  return statfs(DockerRootDir).then(
    () => DockerRootDir,
    () => undefined,
  );
};

/**
 * Watches the disk of an engine during a build, and aborts its signal when only what is reserved for the engine itself is
 * left: one that can't write its notes any more can't free anything either.
 */
export class EngineDiskWatch implements Disposable {
  readonly #folder: string;
  readonly #full = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #roomBytes = Number.POSITIVE_INFINITY;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** Looks at once, and then until it is disposed of. */
  static async start(folder: string): Promise<EngineDiskWatch> {
    const watch = new EngineDiskWatch(folder);
    await watch.#look();
    return watch;
  }

  /** Fires when the disk is full. */
  get signal(): AbortSignal {
    return this.#full.signal;
  }

  /** Passes a build's context on as far as there is room for it: sent at once it is unpacked faster than one can look. */
  async *metered(context: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    const mostBytes = this.#roomBytes / contextCopies;
    let sentBytes = 0;
    for await (const chunk of context) {
      sentBytes += chunk.length;
      if (sentBytes > mostBytes) return this.#full.abort(fullDisk());
      yield chunk;
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  async #look(): Promise<void> {
    // A folder that can't be looked at just now says nothing about its disk.
    const disk = await statfs(this.#folder).catch(() => undefined);
    if (disk !== undefined) {
      const reserved = Math.min(mostReservedBytes, disk.blocks * disk.bsize * reservedPart);
      this.#roomBytes = disk.bavail * disk.bsize - reserved;
      if (this.#roomBytes < 0) return this.#full.abort(fullDisk());
    }
    this.#timer = setTimeout(() => void this.#look(), lookEveryMs).unref();
  }
}
