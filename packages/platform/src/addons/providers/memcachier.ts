import { EventEmitter } from 'node:events';
import type { AddOnId } from '../../domain/ids.ts';
import { askServer, findServer, startServer, stopServer } from '../../memcached/detached-server.ts';
import type { CredentialSettings, TenantSettings } from '../../memcached/tenant.ts';
import { findFreePort, type PortRange } from '../../postgres/free-port.ts';
import type { Plan } from '../catalogue.ts';
import type { AddOnHealth, AddOnProvider, AddOnRequest, Provisioned, Resource } from '../provider.ts';
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
  /** The one server takes the highest free port of these, at which it then stays. */
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
    const { port } = await this.#change(id, () => ({ id, quotaBytes: plan.sizeBytes, credentials: [settings] }));
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

  /** Another credential in the place of `username`, which ends a little later. @returns config with it. */
  async rotate(id: AddOnId, username: string): Promise<Provisioned['config']> {
    const next = newCredential(everything);
    const endsAtMs = Date.now() + rotationGraceMs;
    const { port } = await this.#change(
      id,
      (tenant) =>
        tenant && {
          ...tenant,
          credentials: [
            next.settings,
            ...tenant.credentials.map((one) => (one.username === username ? { ...one, endsAtMs } : one)),
          ],
        },
    );
    return { SERVERS: `localhost:${port}`, USERNAME: next.username, PASSWORD: next.password };
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
    const upper = { from: Math.max(from, to - 99), to };
    return findFreePort(upper, new Set());
  }

  #alone<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#last.catch(() => {}).then(work);
    this.#last = next;
    return next;
  }
}
