import { Client } from 'memjs';
import type { CacheConfig } from './config.ts';

/** Remembers what took a query to find. Whatever happens to it, the shop works on, slower. */
export class Cache {
  readonly #client: Client | undefined;

  /** Without a server it remembers nothing. */
  constructor(config: CacheConfig | undefined) {
    if (config === undefined) return;
    const { servers, username, password } = config;
    this.#client = Client.create(servers, {
      ...(username !== undefined && { username }),
      ...(password !== undefined && { password }),
      timeout: 0.25,
      conntimeout: 0.5,
      retries: 1,
      keepAlive: true,
      logger: { log: () => {} },
    });
  }

  /** What `find` gave at most `seconds` ago, as JSON makes it: dates are texts. */
  async remember<Value>(key: string, seconds: number, find: () => Promise<Value>): Promise<Value> {
    const known = await this.#client?.get(`bookstore:${key}`).catch(() => undefined);
    if (known?.value) return JSON.parse(known.value.toString('utf8')) as Value; // We wrote it, below.
    const value = await find();
    if (this.#client)
      await this.#client.set(`bookstore:${key}`, JSON.stringify(value), { expires: seconds }).catch(() => false);
    return value;
  }

  async forget(...keys: readonly string[]): Promise<void> {
    const client = this.#client;
    if (client) await Promise.all(keys.map((key) => client.delete(`bookstore:${key}`).catch(() => false)));
  }
}
