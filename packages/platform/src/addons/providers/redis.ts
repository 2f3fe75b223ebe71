import { createHash, randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { AddOnId } from '../../domain/ids.ts';
import { findFreePort, isFreePort, type PortRange } from '../../postgres/free-port.ts';
import { findProgram } from '../../redis/find-program.ts';
import {
  defaultSettings,
  type Instance,
  type InstanceSettings,
  readInstance,
  writeInstance,
} from '../../redis/instance-file.ts';
import { applyInstance, isCrowded, resetStatistics, serverInfo, serverState, startServer } from '../../redis/server.ts';
import { serverConfigOf, stopServers } from '../../redis/server-process.ts';
import type { Plan } from '../catalogue.ts';
import type { AddOnHealth, AddOnProvider, AddOnRequest, Provisioned, Resource, Rotation } from '../provider.ts';

/** After a rotation the password before is worth something for as long as dynos take to be restarted with the other. */
const rotationGraceMs = 10 * 60_000;

export interface RedisOptions {
  /** Holds one folder per add-on, named by its id. */
  readonly folder: string;
  /** Servers take ports of their third quarter, two each. */
  readonly ports: PortRange;
  /** Key and chain for TLS to localhost, PEM. */
  readonly certificate: () => Promise<string>;
  /** Servers run under this uid and those above it when we are root; 400002 unless told. */
  readonly firstUid?: number;
  /** As PATH; that of this process unless told. */
  readonly path?: string;
}

/** heroku-redis: one server of the machine's redis-server or valkey-server per database, detached, with an append-only file. */
export class RedisProvider implements AddOnProvider {
  readonly service = 'heroku-redis';
  readonly #options: RedisOptions;
  readonly #events = new EventEmitter();
  /** What each server was last brought to, so far as we know. */
  readonly #applied = new Map<AddOnId, string>();
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: RedisOptions) {
    this.#options = options;
  }

  async provision({ id, plan }: AddOnRequest): Promise<Provisioned> {
    const program = this.#program();
    const password = `p${randomBytes(32).toString('hex')}`;
    return this.#alone(async () => {
      const folder = this.#folder(id);
      await stopServers(folder);
      const instance: Instance = {
        ...((await this.#stillFree(id)) ?? (await this.#allocate())),
        adminPassword: randomBytes(32).toString('hex'),
        passwords: [{ hash: sha256(password) }],
        memoryBytes: plan.sizeBytes,
        connections: plan.connections,
        settings: defaultSettings,
      };
      await writeInstance(folder, instance);
      await startServer(program, folder, instance, await this.#options.certificate(), () => this.#emit(id));
      const { port, tlsPort } = instance;
      return { resource: { port, tlsPort }, config: configOf(instance, password) };
    });
  }

  async deprovision(id: AddOnId): Promise<void> {
    await this.#alone(async () => {
      await stopServers(this.#folder(id));
      this.#applied.delete(id);
      await rm(this.#folder(id), { recursive: true, force: true, maxRetries: 3 });
    });
  }

  async ensureRunning(id: AddOnId, _resource: Resource, plan: Plan | undefined): Promise<AddOnHealth> {
    try {
      return await this.#alone(() => this.#ensure(id, plan));
    } catch (error) {
      return { kind: 'down', reason: error instanceof Error ? error.message : String(error) };
    }
  }

  /** `INFO` of a server by its names, and what it is set to. @throws when it doesn't run now. */
  async info(id: AddOnId): Promise<{ facts: ReadonlyMap<string, string>; instance: Instance }> {
    const instance = await this.#instance(id);
    return { instance, facts: await serverInfo(instance) };
  }

  /** From now on, and after each start. */
  async change(id: AddOnId, change: Partial<InstanceSettings>): Promise<InstanceSettings> {
    const instance = await this.#update(id, (before) => ({ ...before, settings: { ...before.settings, ...change } }));
    return instance.settings;
  }

  async resetStatistics(id: AddOnId): Promise<void> {
    await resetStatistics(await this.#instance(id));
  }

  /** A further password for the config vars; those before end a little after `retireOthers`. */
  async rotate(id: AddOnId): Promise<Rotation> {
    const password = `p${randomBytes(32).toString('hex')}`;
    const hash = sha256(password);
    const instance = await this.#update(id, (before) => ({ ...before, passwords: [{ hash }, ...before.passwords] }));
    const retireOthers = async (): Promise<void> => {
      const endsAtMs = Date.now() + rotationGraceMs;
      const retired = (one: Instance['passwords'][number]) => (one.hash === hash ? one : { endsAtMs, ...one });
      await this.#update(id, (before) => ({ ...before, passwords: before.passwords.map(retired) }));
    };
    return { config: configOf(instance, password), retireOthers };
  }

  onChange(listener: (id: AddOnId) => void): () => void {
    this.#events.on('change', listener);
    return () => this.#events.off('change', listener);
  }

  async stopAll(): Promise<void> {
    this.#closed = true;
    await stopRedisServers(this.#options.folder);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#last.catch(() => {});
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #ensure(id: AddOnId, plan: Plan | undefined): Promise<AddOnHealth> {
    const before = await this.#instance(id);
    const now = Date.now();
    const passwords = before.passwords.filter(({ endsAtMs }) => endsAtMs === undefined || endsAtMs > now);
    const instance: Instance = {
      ...before,
      passwords,
      memoryBytes: plan?.sizeBytes ?? before.memoryBytes,
      connections: plan?.connections ?? before.connections,
    };
    const folder = this.#folder(id);
    if (JSON.stringify(instance) !== JSON.stringify(before)) await writeInstance(folder, instance);
    const state = await serverState(folder, instance);
    if (state === 'up') {
      // Where there is no connection left for us it is tried again at the next look.
      await this.#apply(id, instance).catch((error: unknown) => {
        if (!isCrowded(error)) throw error;
      });
      return { kind: 'up' };
    }
    if (state !== 'down' || this.#closed) return { kind: 'starting' };
    const certificate = await this.#options.certificate();
    await startServer(this.#program(), folder, instance, certificate, () => this.#emit(id));
    return { kind: 'up' };
  }

  async #apply(id: AddOnId, instance: Instance): Promise<void> {
    const wanted = JSON.stringify(instance);
    if (this.#applied.get(id) === wanted) return;
    await applyInstance(instance);
    this.#applied.set(id, wanted);
  }

  #update(id: AddOnId, change: (before: Instance) => Instance): Promise<Instance> {
    return this.#alone(async () => {
      const instance = change(await this.#instance(id));
      await writeInstance(this.#folder(id), instance);
      await this.#apply(id, instance);
      return instance;
    });
  }

  async #instance(id: AddOnId): Promise<Instance> {
    const instance = await readInstance(this.#folder(id));
    if (instance !== undefined) return instance;
    throw new Error('The files of this database are gone; put them back from a backup, or destroy it.');
  }

  /** Ports and uid of an attempt before, as long as nobody else has taken them. */
  async #stillFree(id: AddOnId): Promise<Pick<Instance, 'port' | 'tlsPort' | 'uid'> | undefined> {
    const had = await readInstance(this.#folder(id));
    if (had === undefined || !(await isFreePort(had.port)) || !(await isFreePort(had.tlsPort))) return undefined;
    const { port, tlsPort, uid } = had;
    return { port, tlsPort, uid };
  }

  async #allocate(): Promise<Pick<Instance, 'port' | 'tlsPort' | 'uid'>> {
    const { folder, ports, firstUid = 400_002 } = this.#options;
    const ids = await readdir(folder).catch(() => []);
    const others = (await Promise.all(ids.map((id) => readInstance(join(folder, id)).catch(() => undefined)))).filter(
      (one) => one !== undefined,
    );
    const taken = new Set(others.flatMap(({ port, tlsPort }) => [port, tlsPort]));
    const quarter = Math.floor((ports.to - ports.from) / 4);
    const ours = { from: ports.to - 2 * quarter, to: ports.to - quarter - 1 };
    const port = await findFreePort(ours, taken);
    const tlsPort = await findFreePort(ours, taken.add(port));
    const uid = Math.max(firstUid - 1, ...others.map((one) => one.uid)) + 1;
    return { port, tlsPort, uid };
  }

  #program(): string {
    return findProgram(this.#options.path, this.#options.path === undefined ? undefined : []);
  }

  #folder(id: AddOnId): string {
    return join(this.#options.folder, id);
  }

  #emit(id: AddOnId): void {
    if (!this.#closed) this.#events.emit('change', id);
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.catch(() => {}).then(work);
    this.#last = next;
    return next;
  }
}

/** Stops the server of every folder that has one, whoever started it. @returns how many ran. */
export const stopRedisServers = async (folder: string): Promise<number> => {
  let stopped = 0;
  for (const id of await readdir(folder).catch(() => [])) {
    const isOurs = (await lstat(serverConfigOf(join(folder, id))).catch(() => undefined)) !== undefined;
    if (isOurs && (await stopServers(join(folder, id)).catch(() => false))) stopped++;
  }
  return stopped;
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const configOf = ({ port, tlsPort }: Instance, password: string): Provisioned['config'] => ({
  URL: `redis://:${password}@localhost:${port}`,
  TLS_URL: `rediss://:${password}@localhost:${tlsPort}`,
});
