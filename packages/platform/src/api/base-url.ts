import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';

const loopback = /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i;

/**
 * The URL under which a client reached us, no slash at the end. On loopback it is the one of its request, since
 * forwarders have ports of their own; elsewhere it is the configured one.
 */
export const baseOf = (request: IncomingMessage, configured: string): string => {
  const host = request.headers.host ?? '';
  if (!loopback.test(host)) return configured;
  return `${request.socket instanceof TLSSocket ? 'https' : 'http'}://${host.toLowerCase()}`;
};
