import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';

/** A port at which the HTTP-01 challenges of a platform's routes are answered, and nothing else. */
export interface ChallengeDoor extends AsyncDisposable {
  readonly port: number;
}

const prefix = '/.well-known/acme-challenge/';

/** @param dataFolder of the platform, whose routes are read at each request */
export const openChallengeDoor = async (dataFolder: string): Promise<ChallengeDoor> => {
  const server = createServer(async (request, response) => {
    const routes: unknown = JSON.parse(await readFile(join(dataFolder, 'routes.json'), 'utf8'));
    const { acmeTokens = {} } = routes as { readonly acmeTokens?: Readonly<Record<string, string>> }; // the route snapshot
    const shown = request.url?.startsWith(prefix) ? acmeTokens[request.url.slice(prefix.length)] : undefined;
    response.writeHead(shown === undefined ? 404 : 200).end(shown);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
};
