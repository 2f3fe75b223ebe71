import { createHash, timingSafeEqual } from 'node:crypto';
import { Cache } from './cache.ts';

/** As kept in the file and told over the control socket. */
export interface TenantSettings {
  readonly id: string;
  readonly quotaBytes: number;
  readonly credentials: readonly CredentialSettings[];
}

export interface CredentialSettings {
  readonly username: string;
  /** SHA-256 of the password, hex: passwords here are random and long, so that nobody guesses them from it. */
  readonly passwordHash: string;
  /** Whether it may change items. */
  readonly canWrite: boolean;
  /** Whether it may forget all of them at once. */
  readonly canFlush: boolean;
  /** Made for the config vars rather than asked for by somebody. */
  readonly main?: true;
  /** Unix time in ms at which it is worth nothing any more; absent: it stays. */
  readonly endsAtMs?: number;
}

export const hashPassword = (password: string): string => createHash('sha256').update(password).digest('hex');

/** What one client is allowed, for as long as its credential is there. */
export interface Login {
  readonly tenant: Tenant;
  readonly credential: CredentialSettings;
}

export interface Counters {
  connections: number;
  totalConnections: number;
  gets: number;
  sets: number;
  touches: number;
  flushes: number;
  hits: number;
  misses: number;
  bytesRead: number;
  bytesWritten: number;
}

const noCounts = (): Counters => ({
  connections: 0,
  totalConnections: 0,
  gets: 0,
  sets: 0,
  touches: 0,
  flushes: 0,
  hits: 0,
  misses: 0,
  bytesRead: 0,
  bytesWritten: 0,
});

/** One cache, who may use it and how much it was used. */
export class Tenant {
  readonly id: string;
  readonly cache: Cache;
  counters = noCounts();
  #credentials: readonly CredentialSettings[];

  constructor({ id, quotaBytes, credentials }: TenantSettings) {
    this.id = id;
    this.cache = new Cache(quotaBytes);
    this.#credentials = credentials;
  }

  /** Takes up what has changed; what is cached stays. */
  change({ quotaBytes, credentials }: TenantSettings): void {
    if (quotaBytes !== this.cache.quotaBytes) this.cache.resize(quotaBytes);
    this.#credentials = credentials;
  }

  credential(username: string): CredentialSettings | undefined {
    return this.#credentials.find(
      (one) => one.username === username && (one.endsAtMs === undefined || one.endsAtMs > Date.now()),
    );
  }

  resetCounters(): void {
    const { connections } = this.counters;
    this.counters = { ...noCounts(), connections };
    this.cache.evictions = 0;
    this.cache.stored = 0;
  }
}

/** All tenants, by who logs in. */
export class Tenants {
  readonly #tenants = new Map<string, Tenant>();

  get(id: string): Tenant | undefined {
    return this.#tenants.get(id);
  }

  /** Those named are there from now on, with their items if they were, and no others. */
  become(all: readonly TenantSettings[]): void {
    const ids = new Set(all.map(({ id }) => id));
    for (const id of this.#tenants.keys()) if (!ids.has(id)) this.#tenants.delete(id);
    for (const settings of all) {
      const known = this.#tenants.get(settings.id);
      if (known === undefined) this.#tenants.set(settings.id, new Tenant(settings));
      else known.change(settings);
    }
  }

  /** Whether a login still holds: its cache and its very credential are there. */
  holds({ tenant, credential }: Login): boolean {
    if (this.#tenants.get(tenant.id) !== tenant) return false;
    return tenant.credential(credential.username)?.passwordHash === credential.passwordHash;
  }

  /** Undefined when there is no such user or the password is another. */
  login(username: string, password: string): Login | undefined {
    const shown = Buffer.from(hashPassword(password), 'hex');
    for (const tenant of this.#tenants.values()) {
      const credential = tenant.credential(username);
      if (credential === undefined) continue;
      const known = Buffer.from(credential.passwordHash, 'hex');
      return known.length === shown.length && timingSafeEqual(known, shown) ? { tenant, credential } : undefined;
    }
    return undefined;
  }
}

/** Tenants as a file or the control socket has them. @throws Error when it is something else. */
export const readTenants = (value: unknown): readonly TenantSettings[] => {
  if (!Array.isArray(value) || !value.every(isTenant)) throw new Error('expected a list of tenants with credentials');
  return value;
};

const isTenant = (value: unknown): value is TenantSettings => {
  if (typeof value !== 'object' || value === null) return false;
  const { id, quotaBytes, credentials } = value as Record<string, unknown>; // an object, checked above
  return typeof id === 'string' && Number.isSafeInteger(quotaBytes) && Array.isArray(credentials);
};
