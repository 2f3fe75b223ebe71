import { createServer, type Server } from 'node:tls';
import { modernTls, type PemCertificates } from './pem-certificates.ts';

/** A client that has not finished its handshake after this time is cut off. */
export const handshakeTimeoutMs = 10_000;

/**
 * A TLS server that listens nowhere: it takes the plain sockets that are emitted to it as connections, and picks
 * certificates by server name. A failed handshake costs its socket and nothing else.
 * @param protocols ALPN, in order of preference
 */
export const serveTls = (certificates: PemCertificates, protocols: readonly string[]): Server => {
  const server = createServer({
    ...modernTls,
    ALPNProtocols: [...protocols],
    handshakeTimeout: handshakeTimeoutMs,
    SNICallback(serverName, done) {
      certificates.context(serverName).then(
        (context) => done(null, context),
        (error: Error) => done(error),
      );
    },
  });
  server.on('tlsClientError', (_error, socket) => socket.destroy());
  return server;
};
