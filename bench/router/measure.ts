import { truncate } from 'node:fs/promises';
import type { Contender } from './contender.ts';
import { coreBusyMicroseconds, cpuMicroseconds } from './cpu-time.ts';
import { proxyCore } from './pinned.ts';

/** What a load generator saw. */
export interface Load {
  readonly requests: number;
  readonly seconds: number;
  readonly errors: number;
}

/** One turn of one proxy. */
export interface Turn {
  /** CPU time of the proxy's own processes, user and system, per request. */
  readonly microseconds: number;
  readonly perSecond: number;
  /** Part of the proxy's core that others used meanwhile; 0.1 is a tenth. */
  readonly foreign: number;
}

/**
 * Measures a proxy while a load lasts.
 * @throws Error when a request failed: a proxy that drops requests has no cost per request
 */
export const measure = async (proxy: Contender, load: () => Promise<Load>): Promise<Turn> => {
  await truncate(proxy.accessLog).catch(() => undefined);
  const own = cpuMicroseconds(proxy.server.pid);
  const busy = coreBusyMicroseconds(proxyCore);
  const from = performance.now();
  const { requests, seconds, errors } = await load();
  const ownAfter = cpuMicroseconds(proxy.server.pid) - own;
  const foreign = coreBusyMicroseconds(proxyCore) - busy - ownAfter;
  if (errors > 0 || requests === 0) {
    throw new Error(`expected every request to succeed, but ${errors} of ${requests} to ${proxy.name} failed`);
  }
  return {
    microseconds: ownAfter / requests,
    perSecond: requests / seconds,
    foreign: Math.max(0, foreign / ((performance.now() - from) * 1000)),
  };
};
