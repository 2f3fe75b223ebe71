import type { CacheCredential, CacheServices, KeyValueSettings } from '../cache-services.ts';

/** Caches and key-value stores without servers: what is asked of them is remembered. Jobs are never due. */
export const quickCaches = (): CacheServices => {
  const credentials: CacheCredential[] = [{ username: 'MAIN', canWrite: true, canFlush: true }];
  let settings: KeyValueSettings = { timeout: 300, maxmemoryPolicy: 'noeviction', notifyKeyspaceEvents: '' };
  return {
    memcachier: {
      statistics: async () => ({ curr_items: 1 }),
      flush: async () => {},
      credentials: async () => credentials,
      async addCredential(_addOn, rights) {
        credentials.push({ username: `USER${credentials.length}`, ...rights });
        return { username: `USER${credentials.length - 1}`, password: 'told-once' };
      },
      async removeCredential(_addOn, username) {
        const at = credentials.findIndex((one) => one.username === username);
        return at >= 0 && credentials.splice(at, 1).length === 1;
      },
      rotate: async () => {},
    },
    redis: {
      facts: async () => ({
        version: '7.0.15',
        usedBytes: 1024 ** 2,
        maxBytes: 25 * 1024 ** 2,
        connections: 1,
        connectionLimit: 20,
        keys: 3,
        port: 5998,
        settings,
      }),
      async change(_addOn, change) {
        settings = { ...settings, ...change };
        return settings;
      },
      resetStatistics: async () => {},
      rotate: async () => {},
    },
    scheduler: { nudge: () => {}, runNow: async () => undefined },
  };
};
