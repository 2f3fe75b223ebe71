import { EventEmitter } from 'node:events';
import type { AddOnId } from '../../domain/ids.ts';
import { askServer, findServer, startServer, stopServer } from '../../memcached/detached-server.ts';
import type { CredentialSettings, TenantSettings } from '../../memcached/tenant.ts';
import { findFreePort, type PortRange } from '../../postgres/free-port.ts';
import type { Plan } from '../catalogue.ts';
import type { AddOnHealth, AddOnProvider, AddOnRequest, Provisioned, Resource, Rotation } from '../provider.ts';
import {
  type CredentialRights,
  newCredential,
  readTenantFile,
  type TenantFile,
  writeTenantFile,
} from './memcachier-tenants.ts';

/** After a rotation the credential before is worth something for as long as dynos take to be restarted with the other. */
const rotationGraceMs = 10 * 60_000;
const everything: CredentialRights = { canWrite: true, canFlush: true };

export interface MemcachierOptions {
  readonly folder: string;
  /** The one server takes a port of their last quarter, at which it then stays. */
  readonly ports: PortRange;
}

/** memcachier: tenants of one memcached server, which outlives us; its file says who they are. */
export class MemcachierProvider implements AddOnProvider {
  readonly service = 'memcachier';
  readonly #options: MemcachierOptions;
  readonly #events = new EventEmitter();
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(options: MemcachierOptions) {
    this.#options = options;
  }

  async provision({ id, plan }: AddOnRequest): Promise<Provisioned> {
    const { username, password, settings } = newCredential(everything);
    const { port } = await this.#change(id, () => ({
      id,
      quotaBytes: plan.sizeBytes,
      credentials: [{ ...settings, main: true }],
    }));
    return {
      resource: { port },
      config: { SERVERS: `localhost:${port}`, USERNAME: username, PASSWORD: password },
    };
  }

  async deprovision(id: AddOnId): Promise<void> {
    if ((await readTenantFile(this.#options.folder)) === undefined) return;
    const { tenants } = await this.#change(id, () => undefined);
    if (tenants.length === 0) await stopServer(this.#options.folder);
  }

  async ensureRunning(id: AddOnId, _resource: Resource, plan: Plan | undefined): Promise<AddOnHealth> {
    try {
      const file = await readTenantFile(this.#options.folder);
      const tenant = file?.tenants.find((one) => one.id === id);
      if (tenant === undefined) {
        return { kind: 'down', reason: 'The credentials of this cache are lost; destroy it and create another one.' };
      }
      const quotaBytes = plan?.sizeBytes ?? tenant.quotaBytes;
      if (quotaBytes !== tenant.quotaBytes) await this.#change(id, (before) => before && { ...before, quotaBytes });
      else if ((await findServer(this.#options.folder)) === undefined) await this.#alone(() => this.#ensureServer());
      return { kind: 'up' };
    } catch (error) {
      return { kind: 'down', reason: error instanceof Error ? error.message : String(error) };
    }
  }

  /** memcached's counters of one cache, by their names. @throws when the server doesn't answer. */
  statistics(id: AddOnId): Promise<Readonly<Record<string, unknown>>> {
    return askServer(this.#options.folder, 'GET', `/tenants/${id}`);
  }

  /** Forgets all items of one cache. */
  async flush(id: AddOnId): Promise<void> {
    await askServer(this.#options.folder, 'DELETE', `/tenants/${id}/items`);
  }

  /** Without their passwords, of which only hashes are kept. */
  async credentials(id: AddOnId): Promise<readonly Omit<CredentialSettings, 'passwordHash'>[]> {
    const file = await readTenantFile(this.#options.folder);
    const all = file?.tenants.find((one) => one.id === id)?.credentials ?? [];
    return all.map(({ passwordHash: _, ...rest }) => rest);
  }

  /** A further credential with rights of its own; its password is told this once. */
  async addCredential(id: AddOnId, rights: CredentialRights): Promise<{ username: string; password: string }> {
    const { username, password, settings } = newCredential(rights);
    await this.#change(id, (tenant) => tenant && { ...tenant, credentials: [...tenant.credentials, settings] });
    return { username, password };
  }

  /** Takes a credential away: connections made with it are cut. @returns whether there was one. */
  async removeCredential(id: AddOnId, username: string): Promise<boolean> {
    const had = (await this.credentials(id)).some((one) => one.username === username);
    await this.#change(
      id,
      (tenant) => tenant && { ...tenant, credentials: tenant.credentials.filter((one) => one.username !== username) },
    );
    return had;
  }

  /** A further credential for the config vars; what they had before ends a little after `retireOthers`. */
  async rotate(id: AddOnId): Promise<Rotation> {
    const { username, password, settings } = newCredential(everything);
    const main = { ...settings, main: true as const };
    const { port } = await this.#change(
      id,
      (tenant) => tenant && { ...tenant, credentials: [main, ...tenant.credentials] },
    );
    const retireOthers = async (): Promise<void> => {
      const endsAtMs = Date.now() + rotationGraceMs;
      const retired = (one: CredentialSettings): CredentialSettings =>
        one.main === true && one.username !== username ? { endsAtMs, ...one } : one;
      await this.#change(id, (tenant) => tenant && { ...tenant, credentials: tenant.credentials.map(retired) });
    };
    return { config: { SERVERS: `localhost:${port}`, USERNAME: username, PASSWORD: password }, retireOthers };
  }

  onChange(listener: (id: AddOnId) => void): () => void {
    this.#events.on('change', listener);
    return () => this.#events.off('change', listener);
  }

  stopAll(): Promise<void> {
    this.#closed = true;
    return stopServer(this.#options.folder);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#last.catch(() => {});
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** Puts one tenant, changed or gone, into the file and into the server; changes come one after the other. */
  #change(
    id: AddOnId,
    change: (tenant: TenantSettings | undefined) => TenantSettings | undefined,
  ): Promise<TenantFile> {
    return this.#alone(async () => {
      const { folder } = this.#options;
      const before = (await readTenantFile(folder)) ?? { port: await this.#freePort(), tenants: [] };
      const tenant = change(before.tenants.find((one) => one.id === id));
      const others = before.tenants.filter((one) => one.id !== id);
      const after = await writeTenantFile(folder, { ...before, tenants: [...others, ...(tenant ? [tenant] : [])] });
      if (after.tenants.length > 0) await this.#ensureServer();
      if ((await findServer(folder)) !== undefined) await askServer(folder, 'PUT', '/tenants', after.tenants);
      return after;
    });
  }

  async #ensureServer(): Promise<void> {
    const { folder } = this.#options;
    if (this.#closed || (await findServer(folder)) !== undefined) return;
    await startServer(folder, () => this.#events.emit('change', ''));
  }

  #freePort(): Promise<number> {
    const { from, to } = this.#options.ports;
    return findFreePort({ from: to - Math.floor((to - from) / 4), to }, new Set());
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.catch(() => {}).then(work);
    this.#last = next;
    return next;
  }
}

/** Stops the server of all caches, whoever started it. @returns whether it ran. */
export const stopMemcached = async (folder: string): Promise<boolean> => {
  const ran = (await findServer(folder)) !== undefined;
  await stopServer(folder);
  return ran;
};
