import type { Socket } from 'node:net';
import type { Server, TLSSocket } from 'node:tls';
import { modernTls, PemCertificates } from '../../wire/pem-certificates.ts';
import { handshakeTimeoutMs, serveTls } from '../../wire/serve-tls.ts';
import type { RouteTable } from '../route-table.ts';
import { asksForAcme, helloIsWhole } from './client-hello.ts';

/** No ClientHello is longer than one record (RFC 8446 section 5.1). */
const mostHelloBytes = 16 * 1_024 + 5;

export interface TlsDoorOptions {
  readonly table: RouteTable;
  readonly certificates: PemCertificates;
  /** In order of preference. */
  readonly protocols: readonly string[];
  readonly onSecure: (socket: TLSSocket) => void;
}

/** Makes TLS connections of plain ones: certificates by server name, sessions resumed by tickets, TLS 1.2 and 1.3. */
export class TlsDoor {
  readonly #options: TlsDoorOptions;
  readonly #server: Server;
  readonly #acme: Server;
  #fallback: Buffer | undefined;
  #ticketKeys: Buffer | undefined;

  constructor(options: TlsDoorOptions) {
    this.#options = options;
    const { table, certificates, onSecure } = options;
    this.#server = serveTls(certificates, options.protocols);
    this.#server.on('secureConnection', onSecure);
    // Who asks for a challenge gets its certificate and nothing else (RFC 8737 section 3).
    this.#acme = serveTls(new PemCertificates((host) => table.acmeCertificateFile(host)), ['acme-tls/1']);
    this.#acme.on('secureConnection', (socket) => socket.on('error', () => undefined).end());
  }

  /** @param keys 48 bytes, the same for all processes that share the port. */
  setTicketKeys(keys: Buffer): void {
    this.#ticketKeys = keys;
    this.#server.setTicketKeys(keys);
  }

  /** Takes a connection of which these bytes have been read. */
  accept(socket: Socket, first: Buffer): void {
    const drop = (): void => {
      socket.destroy();
    };
    // One that ends during the handshake would otherwise never be closed.
    socket.allowHalfOpen = false;
    socket.on('error', drop);
    process.nextTick(() => {
      if (this.#options.table.hasAcmeCertificates && !helloIsWhole(first)) this.#gather(socket, first);
      else void this.#hand(socket, first);
    });
  }

  #gather(socket: Socket, first: Buffer): void {
    const timer = setTimeout(() => socket.destroy(), handshakeTimeoutMs);
    socket.once('close', () => clearTimeout(timer));
    let seen = first;
    const gather = (more: Buffer): void => {
      seen = Buffer.concat([seen, more]);
      if (!helloIsWhole(seen) && seen.length < mostHelloBytes) return;
      clearTimeout(timer);
      socket.off('data', gather).pause();
      void this.#hand(socket, seen);
    };
    socket.on('data', gather);
    socket.resume();
  }

  async #hand(socket: Socket, first: Buffer): Promise<void> {
    const { table, certificates } = this.#options;
    const server = table.hasAcmeCertificates && asksForAcme(first) ? this.#acme : this.#server;
    const pem = await certificates.fallbackPem();
    if (pem && pem !== this.#fallback) {
      this.#fallback = pem;
      this.#server.setSecureContext({
        key: pem,
        cert: pem,
        ...modernTls,
        ...(this.#ticketKeys ? { ticketKeys: this.#ticketKeys } : {}),
      });
    }
    if (socket.destroyed) return;
    socket.unshift(first);
    server.emit('connection', socket);
  }
}
