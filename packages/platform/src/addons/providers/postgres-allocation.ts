import { randomInt } from 'node:crypto';
import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
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

/** @throws when the resource of an add-on isn't one of ours. */
export const allocationOf = (resource: Resource): Allocation => {
  if (isAllocation(resource)) return resource;
  throw new Error('The record of this database lacks its port, uid, user or name; restore the store from a backup.');
};

/** Hands out ports and uids to databases; what is handed out stands in each database's folder, so it survives us. */
export class Allocations {
  readonly #parent: string;
  readonly #ports: PortRange;
  readonly #firstUid: number;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parent: string, ports: PortRange, firstUid: number) {
    this.#parent = parent;
    this.#ports = ports;
    this.#firstUid = firstUid;
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
    const port = await findFreePort(this.#ports, new Set(others.map((other) => other.port)));
    const uids = new Set(others.map((other) => other.uid));
    let uid = had?.uid ?? this.#firstUid;
    while (!had && uids.has(uid)) uid++;
    const names = followed ?? had ?? { user: randomName('u'), database: randomName('d') };
    const { user, database } = names;
    const allocation = { port, uid, user, database, ...(followed && { follows: followed.follows }) };
    await this.write(id, allocation);
    return allocation;
  }

  async read(id: string): Promise<Allocation | undefined> {
    const text = await readFile(this.#file(id), 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    const value: unknown = JSON.parse(text);
    return isAllocation(value) ? value : undefined;
  }

  #file(id: string): string {
    return join(this.#parent, id, 'allocation.json');
  }

  /** By the ids of the databases. */
  async all(): Promise<ReadonlyMap<string, Allocation>> {
    const found = new Map<string, Allocation>();
    for (const id of await readdir(this.#parent).catch(() => [])) {
      const allocation = await this.read(id);
      if (allocation) found.set(id, allocation);
    }
    return found;
  }

  async write(id: string, allocation: Allocation): Promise<void> {
    const path = this.#file(id);
    await mkdir(join(this.#parent, id), { recursive: true });
    const file = await open(`${path}.new`, 'w', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(allocation)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${path}.new`, path);
  }
}

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** A name like those that Heroku gives: `d` and 14 letters and digits. */
const randomName = (first: 'u' | 'd'): string =>
  first + Array.from({ length: 14 }, () => letters[randomInt(letters.length)]).join('');
