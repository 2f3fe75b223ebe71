import { openStatsd } from '../statsd.ts';
import type { Observer } from './observer.ts';

/** Counts requests and their statuses, and times them. */
export const statsdObserver = (to: { readonly host: string; readonly port: number }, prefix: string): Observer => {
  const statsd = openStatsd(to, prefix);
  return {
    end: (_request, response, durationMs) => {
      statsd.count('requests', 1);
      statsd.timing('request.duration', durationMs);
      statsd.count(`request.status.${response.statusCode}`, 1);
    },
    close: () => statsd.close(),
  };
};
