import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseNetworks } from '../settings/networks.ts';
import type { Settings } from '../settings/read-settings.ts';
import { believe, type Proxies, schemeSaid } from './client-of.ts';
import type { Observer } from './observers.ts';

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
  const names = new Set([...alwaysForwarded, ...proxies.schemeHeaders.map(([name]) => name)]);
  return {
    start: (request, response) => {
      if (proxies.trusted.has(request.socket.remoteAddress)) {
        return schemeSaid(request, proxies) === 'both'
          ? refuse(response, 'The headers of the proxy disagree about the scheme.')
          : false;
      }
      if (forwardedHeaders === 'strip') remove(request, names);
      if (forwardedHeaders === 'refuse') {
        const found = Object.keys(request.headers).find((name) => names.has(name));
        if (found !== undefined) return refuse(response, `The header ${found} is not accepted from this address.`);
      }
      return false;
    },
  };
};
