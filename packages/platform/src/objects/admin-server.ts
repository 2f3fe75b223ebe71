import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Accounts } from './store/accounts.ts';

const { createServer } = process.getBuiltinModule('node:http');

interface AdminOptions {
  readonly accounts: Accounts;
  readonly port: number;
  readonly stop: () => void;
  readonly onFault: (error: unknown) => void;
}

/**
 * What whoever runs the store may ask of it, over a socket in its folder:
 * `GET /` (is it there?; the answer ends when the store does), `POST /stop`, and of one account `GET /accounts/ID`
 * (its usage), `POST /accounts/ID` (read its file again), `DELETE /accounts/ID`.
 */
export const serveAdmin = ({ accounts, port, stop, onFault }: AdminOptions): Server => {
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const [, id] = /^\/accounts\/([\w-]+)$/.exec(request.url ?? '') ?? [];
    const asked = `${request.method} ${id === undefined ? request.url : '/accounts'}`;
    const send = (value: object) => void response.end(JSON.stringify(value));
    if (asked === 'GET /') {
      // Never ended: that it breaks off is the news.
      response.write(`${JSON.stringify({ pid: process.pid, port })}\n`);
    } else if (asked === 'POST /stop') {
      send({});
      stop();
    } else if (id === undefined) {
      response.writeHead(404).end();
    } else if (request.method === 'GET') {
      const store = accounts.byId(id);
      if (store === undefined) response.writeHead(404).end();
      else send(store.usage());
    } else if (request.method === 'POST') {
      // Whoever asks is told, and asks again: not a fault of each time.
      const reason = await accounts.load(id).then(
        () => undefined,
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
      if (reason !== undefined) response.writeHead(409);
      send(reason === undefined ? {} : { error: reason });
    } else if (request.method === 'DELETE') {
      await accounts.remove(id);
      send({});
    } else {
      response.writeHead(405).end();
    }
  };
  return createServer({ requestTimeout: 0 }, (request, response) => {
    answer(request, response).catch((error) => {
      onFault(error);
      response.writeHead(500).end(JSON.stringify({ error: error instanceof Error ? error.message : String(error) }));
    });
  });
};
