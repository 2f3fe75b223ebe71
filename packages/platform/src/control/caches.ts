import { readFile } from 'node:fs/promises';
import type { AddOnProvider } from '../addons/provider.ts';
import { MemcachierProvider } from '../addons/providers/memcachier.ts';
import { RedisProvider } from '../addons/providers/redis.ts';
import { schedulerProvider } from '../addons/providers/scheduler.ts';
import type { CacheServices } from '../api/cache-services.ts';
import type { DataFolder } from '../domain/data-folder.ts';
import type { Settings } from '../domain/settings.ts';
import type { Releases } from '../release/releases.ts';
import type { AddOn } from '../store/add-ons.ts';
import { Scheduler, type SchedulerParts } from './scheduler.ts';

export interface CachesParts extends SchedulerParts {
  readonly data: DataFolder;
  readonly settings: Settings;
  readonly releases: Releases;
  /** Path of a PEM file with key and chain for localhost. */
  readonly certificate: string;
}

/** Caches, key-value stores and schedules: their providers, and what the API asks of them. */
export class Caches implements AsyncDisposable {
  readonly providers: readonly AddOnProvider[];
  readonly services: CacheServices;
  readonly #parts: CachesParts;
  readonly #scheduler: Scheduler;
  readonly #memcachier: MemcachierProvider;
  readonly #redis: RedisProvider;

  constructor(parts: CachesParts) {
    const { data, settings, certificate } = parts;
    const ports = { from: settings.databasePorts.first, to: settings.databasePorts.last };
    this.#parts = parts;
    this.#memcachier = new MemcachierProvider({ folder: data.memcached, ports });
    this.#redis = new RedisProvider({ folder: data.addOns, ports, certificate: () => readFile(certificate, 'utf8') });
    this.#scheduler = new Scheduler(parts);
    this.providers = [this.#memcachier, this.#redis, schedulerProvider()];
    this.services = { memcachier: this.#memcacheServices(), redis: this.#redisServices(), scheduler: this.#scheduler };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scheduler[Symbol.asyncDispose]();
    for (const provider of this.providers) await provider.close();
  }

  #memcacheServices(): CacheServices['memcachier'] {
    const provider = this.#memcachier;
    return {
      statistics: ({ id }) => provider.statistics(id),
      flush: ({ id }) => provider.flush(id),
      credentials: ({ id }) => provider.credentials(id),
      addCredential: ({ id }, rights) => provider.addCredential(id, rights),
      removeCredential: ({ id }, username) => provider.removeCredential(id, username),
      rotate: (addOn, by) => this.#rotate(addOn, by, provider),
    };
  }

  #redisServices(): CacheServices['redis'] {
    const provider = this.#redis;
    return {
      async facts({ id }) {
        const { facts, instance } = await provider.info(id);
        const number = (name: string): number => Number(facts.get(name) ?? 0);
        const keys = [...facts].flatMap(([name, value]) => (/^db\d+$/.test(name) ? [value] : []));
        return {
          version: facts.get('valkey_version') ?? facts.get('redis_version') ?? 'unknown',
          usedBytes: number('used_memory'),
          maxBytes: instance.memoryBytes,
          connections: number('connected_clients') - 1, // without the one that asks
          connectionLimit: instance.connections,
          keys: keys.reduce((sum, value) => sum + Number(/keys=(\d+)/.exec(value)?.[1] ?? 0), 0),
          port: instance.port,
          settings: instance.settings,
        };
      },
      change: ({ id }, change) => provider.change(id, change),
      resetStatistics: ({ id }) => provider.resetStatistics(id),
      rotate: (addOn, by) => this.#rotate(addOn, by, provider),
    };
  }

  /** In steps of which each may be the last: the new secret works, apps have it, the old one ends. */
  async #rotate(
    addOn: AddOn,
    by: Parameters<Releases['reconfigured']>[1],
    provider: Pick<MemcachierProvider | RedisProvider, 'rotate'>,
  ): Promise<void> {
    const { config, retireOthers } = await provider.rotate(addOn.id);
    await this.#parts.releases.reconfigured(addOn.id, by, { config, resource: addOn.resource });
    await retireOthers();
  }
}
