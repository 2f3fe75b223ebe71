import type { Exchange } from './exchange.ts';
import type { RouteTable } from './route-table.ts';
import { failed, next, nowhere, type Verdict } from './verdict.ts';

const challengePath = '/.well-known/acme-challenge/';

/** Answers a certificate authority that asks over http whether a name is ours (RFC 8555 section 8.3). */
export const answerChallenge =
  (table: RouteTable) =>
  ({ request, visitor }: Exchange): Verdict => {
    if (visitor.secure || !request.path.startsWith(challengePath)) return next;
    const text = table.acmeAnswer(request.path.slice(challengePath.length));
    return text === undefined ? next : { kind: 'challenge', text };
  };

/** Which app a request is for. */
export const findApp =
  (table: RouteTable) =>
  (exchange: Exchange): Verdict => {
    const route = table.findHost(exchange.request.hostName);
    if (!route) return nowhere;
    exchange.route = route;
    exchange.app = route.app;
    return next;
  };

/**
 * A connection that was opened for one app must not reach another: over HTTP/1.1 the certificate is not the asked
 * app's (H32), over HTTP/2 the client may ask again on a connection of its own (H31).
 */
export const checkServerName =
  (table: RouteTable) =>
  (exchange: Exchange): Verdict => {
    const { serverName, protocol } = exchange.visitor;
    if (serverName === undefined) return next;
    const host = exchange.request.hostName;
    if (serverName === host) return next;
    const other = table.findHost(serverName);
    if (!other || other.app.id === exchange.app?.id) return next;
    if (table.certificateFile(serverName) === table.certificateFile(host)) return next;
    return failed(protocol === 'http2.0' ? 'H31' : 'H32', 'client');
  };

/** An app in maintenance answers nothing, whatever its dynos do. */
export const honourMaintenance = (exchange: Exchange): Verdict => (exchange.app?.maintenance ? failed('H80') : next);
