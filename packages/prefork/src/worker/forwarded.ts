import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseNetworks } from '../settings/networks.ts';
import type { Settings } from '../settings/read-settings.ts';
import { believe, type Proxies, schemeSaid } from './client-of.ts';
import type { Observer } from './observer.ts';

const alwaysForwarded = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-port',
  'x-forwarded-prefix',
  'x-forwarded-proto',
  'x-forwarded-server',
  'x-real-ip',
];

const remove = (request: IncomingMessage, names: ReadonlySet<string>): void => {
  for (const name of names) delete request.headers[name];
  const raw = request.rawHeaders;
  for (let at = raw.length - 2; at >= 0; at -= 2) if (names.has((raw[at] ?? '').toLowerCase())) raw.splice(at, 2);
};

const refuse = (response: ServerResponse, why: string): true => {
  response.shouldKeepAlive = false;
  response.writeHead(400, { 'content-type': 'text/plain' }).end(`${why}\n`);
  return true;
};

/** Names by their length: most headers of most requests have a length that none of the names has. */
type NamesByLength = readonly (ReadonlySet<string> | undefined)[];

const byLength = (names: ReadonlySet<string>): NamesByLength => {
  const grouped: Set<string>[] = [];
  for (const name of names) {
    grouped[name.length] ??= new Set();
    grouped[name.length]?.add(name);
  }
  return grouped;
};

/** How many of these headers a request has; reads what was received, since making `headers` costs more than many apps do. */
const countOf = ({ rawHeaders: raw }: IncomingMessage, names: NamesByLength): number => {
  let count = 0;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at] ?? '';
    if (names[name.length]?.has(name.toLowerCase())) count++;
  }
  return count;
};

/** Applies the policy for headers that proxies set. */
export const forwardedObserver = (settings: Settings): Observer => {
  const { forwardedHeaders } = settings;
  const proxies: Proxies = {
    trusted: parseNetworks(settings.forwardedAllowIps),
    schemeHeaders: Object.entries(settings.secureSchemeHeaders).map(([name, value]) => [
      name.toLowerCase(),
      value.toLowerCase(),
    ]),
  };
  believe(proxies);
  const schemeNames = new Set(proxies.schemeHeaders.map(([name]) => name));
  const names = new Set([...alwaysForwarded, ...schemeNames]);
  const watched = byLength(forwardedHeaders === 'keep' ? schemeNames : names);
  return {
    mayMissFiles: forwardedHeaders !== 'refuse',
    start: (request, response) => {
      const found = countOf(request, watched);
      // Nothing to remove or to refuse, and one alone can't disagree.
      if (found === 0 || (found === 1 && forwardedHeaders === 'keep')) return false;
      if (proxies.trusted.has(request.socket.remoteAddress)) {
        return schemeSaid(request, proxies) === 'both'
          ? refuse(response, 'The headers of the proxy disagree about the scheme.')
          : false;
      }
      if (forwardedHeaders === 'strip') remove(request, names);
      if (forwardedHeaders !== 'refuse') return false;
      const first = Object.keys(request.headers).find((name) => names.has(name));
      return refuse(response, `The header ${first} is not accepted from this address.`);
    },
  };
};
