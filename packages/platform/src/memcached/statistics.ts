import { seconds } from './clock.ts';
import { limits } from './limits.data.ts';
import type { Tenant } from './tenant.ts';

/** The protocol that is spoken here is that of this version. */
export const version = '1.6.18';

/** A tenant's own counters under memcached's names; others' are nobody's business. */
export const statistics = ({ counters, cache }: Tenant): readonly (readonly [string, string | number])[] => [
  ['pid', process.pid],
  ['uptime', seconds()],
  ['time', Math.floor(Date.now() / 1000)],
  ['version', version],
  ['pointer_size', 64],
  ['curr_connections', counters.connections],
  ['total_connections', counters.totalConnections],
  ['cmd_get', counters.gets],
  ['cmd_set', counters.sets],
  ['cmd_flush', counters.flushes],
  ['cmd_touch', counters.touches],
  ['get_hits', counters.hits],
  ['get_misses', counters.misses],
  ['bytes_read', counters.bytesRead],
  ['bytes_written', counters.bytesWritten],
  ['limit_maxbytes', cache.quotaBytes],
  ['threads', 1],
  ['bytes', cache.bytes],
  ['curr_items', cache.count],
  ['total_items', cache.stored],
  ['evictions', cache.evictions],
];

export const settingsStatistics = ({ cache }: Tenant): readonly (readonly [string, string | number])[] => [
  ['maxbytes', cache.quotaBytes],
  ['maxconns', limits.connectionsOfTenant],
  ['evictions', 'on'],
  ['cas_enabled', 'yes'],
  ['auth_enabled_sasl', 'yes'],
  ['auth_enabled_ascii', 'yes'],
  ['item_size_max', limits.valueBytes],
];
