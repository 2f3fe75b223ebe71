import { randomInt } from 'node:crypto';
import { lstat, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, writeDurably } from '../../files/write-durably.ts';
import { clusterFolder, holdsCluster } from '../../postgres/cluster-folder.ts';
import { isStandbyFolder } from '../../postgres/follow/standby.ts';
import { findFreePort, isFreePort, type PortRange } from '../../postgres/free-port.ts';
import type { Resource } from '../provider.ts';

/** What belongs to one database alone; the same in its folder and in the add-on's resource. */
export interface Allocation {
  readonly port: number;
  /** Unix uid of its server when Ravine is root. */
  readonly uid: number;
  readonly user: string;
  readonly database: string;
  /** The database that it follows; in its folder only, since it ends without the add-on's resource changing. */
  readonly follows?: string;
}

/** What a follower has in common with its leader. */
export type Followed = Required<Pick<Allocation, 'user' | 'database' | 'follows'>>;

const isAllocation = (value: unknown): value is Allocation => {
  if (typeof value !== 'object' || value === null) return false;
  const { port, uid, user, database } = value as Record<string, unknown>; // an object, checked above
  return [port, uid].every(Number.isInteger) && [user, database].every((name) => typeof name === 'string');
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** @throws when the resource of an add-on isn't one of ours. */
export const allocationOf = (resource: Resource): Allocation => {
  if (isAllocation(resource)) return resource;
  throw new Error('The record of this database lacks its port, uid, user or name; restore the store from a backup.');
};

export interface AllocationsOptions {
  /** Holds one folder per database, named by its id. */
  readonly parent: string;
  readonly ports: PortRange;
  readonly firstUid: number;
  /** Told when what stands in a database's folder can't be read, and has been set aside. */
  readonly onDamaged?: (id: string, reason: string) => void;
}

/** Hands out ports and uids to databases; what is handed out stands in each database's folder, so it survives us. */
export class Allocations {
  readonly #options: AllocationsOptions;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: AllocationsOptions) {
    this.#options = options;
  }

  /**
   * The database's allocation, made on first asking; with another port when the one it had is no longer free,
   * which only a database whose URL nobody has yet may ask for.
   * @param runs whether its own server holds the port
   * @param followed of a follower
   */
  allocate(id: string, runs: boolean, followed?: Followed): Promise<Allocation> {
    const next = this.#last.catch(() => {}).then(() => this.#allocate(id, runs, followed));
    this.#last = next;
    return next;
  }

  async #allocate(id: string, runs: boolean, followed: Followed | undefined): Promise<Allocation> {
    const had = await this.read(id);
    if (had && (runs || (await isFreePort(had.port)))) return had;
    const others = [...(await this.all())].flatMap(([other, allocation]) => (other === id ? [] : [allocation]));
    const port = await findFreePort(this.#options.ports, new Set(others.map((other) => other.port)));
    // Also of those whose allocation is lost: another one's files must not become its own.
    const uids = new Set([...others.map((other) => other.uid), ...(await this.#owners())]);
    let uid = had?.uid ?? this.#options.firstUid;
    while (!had && uids.has(uid)) uid++;
    const names = followed ?? had ?? { user: randomName('u'), database: randomName('d') };
    const { user, database } = names;
    const allocation = { port, uid, user, database, ...(followed && { follows: followed.follows }) };
    await this.write(id, allocation);
    return allocation;
  }

  /** Undefined when there is none; one that can't be read is set aside, so that it stops neither this nor others. */
  async read(id: string): Promise<Allocation | undefined> {
    const path = this.#file(id);
    const text = await readFile(path, 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    const value = parsed(text);
    if (isAllocation(value)) return value;
    // Whoever reads it at the same time finds it gone.
    const isOurs = await rename(path, `${path}.damaged`).then(
      () => true,
      () => false,
    );
    if (isOurs) this.#options.onDamaged?.(id, `${path} could not be read, and was set aside as ${path}.damaged.`);
    return undefined;
  }

  /** The allocation of a database whose file of it is gone or damaged, noted anew as its add-on's record has it. */
  async recover(id: string, resource: Resource): Promise<Allocation> {
    const { port, uid, user, database } = allocationOf(resource);
    const folder = join(this.#options.parent, id);
    if (await isStandbyFolder(folder)) {
      throw new Error(
        'The record of which database this one follows is lost (allocation.json in its folder); put it back from a backup, or destroy this follower and make another one.',
      );
    }
    const allocation = { port, uid, user, database };
    if (await holdsCluster(clusterFolder(folder))) await this.write(id, allocation);
    return allocation;
  }

  async #owners(): Promise<readonly number[]> {
    const { parent } = this.#options;
    const ids = await readdir(parent).catch(() => []);
    const found = await Promise.all(ids.map((id) => lstat(join(parent, id, 'data')).catch(() => undefined)));
    return found.flatMap((stats) => (stats === undefined ? [] : [stats.uid]));
  }

  #file(id: string): string {
    return join(this.#options.parent, id, 'allocation.json');
  }

  /** By the ids of the databases. */
  async all(): Promise<ReadonlyMap<string, Allocation>> {
    const found = new Map<string, Allocation>();
    for (const id of await readdir(this.#options.parent).catch(() => [])) {
      const allocation = await this.read(id);
      if (allocation) found.set(id, allocation);
    }
    return found;
  }

  async write(id: string, allocation: Allocation): Promise<void> {
    await makeFolder(join(this.#options.parent, id), 0o711);
    await writeDurably(this.#file(id), `${JSON.stringify(allocation)}\n`);
  }
}

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** A name like those that Heroku gives: `d` and 14 letters and digits. */
const randomName = (first: 'u' | 'd'): string =>
  first + Array.from({ length: 14 }, () => letters[randomInt(letters.length)]).join('');
