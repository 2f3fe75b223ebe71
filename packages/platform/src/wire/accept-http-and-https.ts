import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { readFirstLine } from './first-line.ts';
import { modernTls, type PemCertificates } from './pem-certificates.ts';
import { serveTls } from './serve-tls.ts';

export interface OnePort {
  readonly certificates: PemCertificates;
  /**
   * Gets each TLS connection whose first line isn't HTTP, with that line (trimmed of its end). The socket is paused
   * and holds every byte after the line. Without this callback all TLS is HTTP.
   */
  readonly rendezvous?: (socket: TLSSocket, firstLine: string) => void;
  /** A connection that says nothing for this long is closed. Default 60,000. */
  readonly firstByteTimeoutMs?: number;
}

/** First byte of a TLS record that carries a handshake (RFC 8446 section 5.1). */
const tlsHandshake = 0x16;

/** While the server closes, a connection that has said nothing yet gets this long to send its request. */
const closingGraceMs = 1_000;

/**
 * Makes an HTTP server speak http and https, told apart by the first byte of each connection. Call it before
 * `listen`; `listen`, `close` and everything else on the server stay what they are.
 */
export const acceptHttpAndHttps = (server: Server, options: OnePort): void => {
  const { certificates, rendezvous, firstByteTimeoutMs = 60_000 } = options;
  const serveHttp = server.listeners('connection');
  const silent = new Set<Socket>();
  server.removeAllListeners('connection');

  const handToHttp = (socket: Socket): void => {
    for (const listener of serveHttp) listener.call(server, socket);
  };

  const tls = serveTls(certificates, ['http/1.1']);
  tls.on('secureConnection', (socket) => {
    if (!rendezvous) {
      handToHttp(socket);
      return;
    }
    readFirstLine(socket, firstByteTimeoutMs, (line) => {
      if (line.kind === 'rendezvous') {
        rendezvous(socket, line.secret);
        return;
      }
      handToHttp(socket);
      process.nextTick(() => socket.resume());
    });
  });

  let fallback: Buffer | undefined;
  const handToTls = async (socket: Socket): Promise<void> => {
    const drop = (): void => {
      socket.destroy();
    };
    socket.on('error', drop);
    const pem = await certificates.fallbackPem();
    if (pem && pem !== fallback) {
      fallback = pem;
      tls.setSecureContext({ key: pem, cert: pem, ...modernTls });
    }
    // HTTP servers accept half-open sockets; under TLS one that ends during the handshake would never be closed.
    socket.allowHalfOpen = false;
    if (!socket.destroyed) tls.emit('connection', socket);
    socket.off('error', drop);
  };

  server.on('connection', (socket: Socket) => {
    const drop = (): void => {
      silent.delete(socket);
      socket.destroy();
    };
    silent.add(socket);
    socket.setTimeout(firstByteTimeoutMs);
    socket.on('timeout', drop).on('error', drop).on('end', drop);
    socket.once('data', (chunk: Buffer) => {
      silent.delete(socket);
      socket.off('timeout', drop).off('error', drop).off('end', drop);
      socket.setTimeout(0);
      socket.pause();
      socket.unshift(chunk);
      if (chunk[0] === tlsHandshake) {
        void handToTls(socket);
        return;
      }
      handToHttp(socket);
      process.nextTick(() => socket.resume());
    });
  });

  const close = server.close.bind(server);
  server.close = (callback) => {
    for (const socket of silent) socket.setTimeout(closingGraceMs);
    return close(callback);
  };
};
