import type { IncomingMessage } from 'node:http';
import { type Networks, parseNetworks } from '../settings/networks.ts';

/** Who asks, as far as the proxies that are believed know. */
export interface Client {
  /** IP address; empty for a peer on a unix socket that sent none. */
  readonly address: string;
  readonly scheme: 'http' | 'https';
  /** As in a Host header. */
  readonly host: string;
}

/** Whom to believe, and which headers say https. */
export interface Proxies {
  readonly trusted: Networks;
  /** Lower-case name and value that means https. */
  readonly schemeHeaders: readonly (readonly [name: string, value: string])[];
}

let proxies: Proxies = { trusted: parseNetworks(['127.0.0.2']), schemeHeaders: [] };

/** Called once by the worker, before the app is loaded. */
export const believe = (these: Proxies): void => {
  proxies = these;
};

const lastOf = (header: string | string[] | undefined): string | undefined => {
  const text = Array.isArray(header) ? header.join() : header;
  return text?.split(',').at(-1)?.trim() || undefined;
};

export const isSecurePeer = (request: IncomingMessage): boolean => 'encrypted' in request.socket;

/** What the scheme headers say: all https, all http, nothing, or not the same. */
export const schemeSaid = (
  request: IncomingMessage,
  { schemeHeaders }: Proxies,
): 'https' | 'http' | 'both' | undefined => {
  const said = new Set(
    schemeHeaders.flatMap(([name, secure]) => {
      const value = lastOf(request.headers[name]);
      return value === undefined ? [] : [value.toLowerCase() === secure ? ('https' as const) : ('http' as const)];
    }),
  );
  return said.size > 1 ? 'both' : [...said][0];
};

/** The first address from the right that is not one of ours. */
const clientAddress = (request: IncomingMessage, { trusted }: Proxies): string => {
  const peer = request.socket.remoteAddress ?? '';
  const header = request.headers['x-forwarded-for'];
  const hops = (Array.isArray(header) ? header.join() : (header ?? ''))
    .split(',')
    .map((hop) => hop.trim())
    .filter((hop) => hop !== '');
  return hops.findLast((hop) => !trusted.has(hop)) ?? hops[0] ?? peer;
};

/**
 * The client of a request: from `X-Forwarded-For`, `-Proto` and `-Host` when the peer is one of `forwardedAllowIps`,
 * else from the connection itself.
 */
export const clientOf = (request: IncomingMessage): Client => {
  const peer = request.socket.remoteAddress;
  const scheme = isSecurePeer(request) ? 'https' : 'http';
  const host = request.headers.host ?? '';
  if (!proxies.trusted.has(peer)) return { address: peer ?? '', scheme, host };
  const said = schemeSaid(request, proxies);
  return {
    address: clientAddress(request, proxies),
    scheme: said === 'https' || said === 'http' ? said : scheme,
    host: lastOf(request.headers['x-forwarded-host']) ?? host,
  };
};
