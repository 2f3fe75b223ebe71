import { type Exchange, failed, next, nowhere, type Verdict } from './exchange.ts';
import type { RouteTable } from './route-table.ts';

/** Lower-case host name of a Host field; undefined when it isn't one (RFC 9110 section 7.2). */
export const hostName = (field: string): string | undefined =>
  /^([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{0,5})?$/.exec(field.toLowerCase())?.[1];

const hostFields = (raw: readonly string[]): number => {
  let count = 0;
  for (let i = 0; i < raw.length; i += 2) if (raw[i]?.length === 4 && raw[i]?.toLowerCase() === 'host') count++;
  return count;
};

/** Which app a request is for; a malformed request of a known app is an H26. */
export const findApp =
  (table: RouteTable) =>
  (exchange: Exchange): Verdict => {
    const { request } = exchange;
    const host = hostName(exchange.host);
    const route = host === undefined ? undefined : table.findHost(host);
    if (!route) return nowhere;
    exchange.app = route.app;
    if (hostFields(request.rawHeaders) !== 1) return failed('H26', 'client', 'bad header');
    if (!exchange.path.startsWith('/') && !(request.method === 'OPTIONS' && exchange.path === '*')) {
      return failed('H26', 'client', 'bad request target');
    }
    return next;
  };

/** An app in maintenance answers nothing, whatever its dynos do. */
export const honourMaintenance = (exchange: Exchange): Verdict => (exchange.app?.maintenance ? failed('H80') : next);
