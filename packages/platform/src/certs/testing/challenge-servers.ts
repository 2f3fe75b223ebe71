import { once } from 'node:events';
import { createServer } from 'node:http';
import type { Server } from 'node:net';
import { createSecureContext, createServer as createTlsServer } from 'node:tls';
import { challengeCertificate } from '../acme/challenge-certificate.ts';
import type { FileRecords } from './file-records.ts';

/** What a router does for an ACME authority: it shows the challenges that the rows name. */
export interface ChallengeServers extends AsyncDisposable {
  readonly httpPort: number;
  readonly tlsPort: number;
  /** While it is set, HTTP-01 finds nothing. */
  refuseHttp: boolean;
}

const prefix = '/.well-known/acme-challenge/';

const listen = async (server: Server): Promise<number> => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
};

/** @param records of every manager that runs */
export const startChallengeServers = async (records: () => readonly FileRecords[]): Promise<ChallengeServers> => {
  const http = createServer((request, response) => {
    const shown = servers.refuseHttp
      ? undefined
      : records()
          .flatMap((each) => each.challenges())
          .find(({ challenge }) => challenge.type === 'http-01' && request.url === prefix + challenge.token);
    response.statusCode = shown === undefined ? 404 : 200;
    response.end(shown?.challenge.keyAuthorization ?? 'no such challenge');
  });
  const tls = createTlsServer({
    ALPNProtocols: ['acme-tls/1'],
    SNICallback(name, done) {
      const shown = records()
        .flatMap((each) => each.challenges())
        .find(({ hostname, challenge }) => challenge.type === 'tls-alpn-01' && hostname === name);
      if (shown === undefined) return done(new Error(`no challenge for ${name}`));
      const pem = challengeCertificate(name, shown.challenge.keyAuthorization);
      done(null, createSecureContext({ key: pem, cert: pem }));
    },
  });
  const servers = {
    httpPort: await listen(http),
    tlsPort: await listen(tls),
    refuseHttp: false,
    async [Symbol.asyncDispose]() {
      for (const server of [http, tls]) server.close();
      http.closeAllConnections();
    },
  };
  return servers;
};
