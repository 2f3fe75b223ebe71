import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { pipeline } from 'node:stream';

export interface Forward {
  /** Where to listen. */
  readonly host: string;
  readonly port: number;
  /** Where connections are carried to, at the same port. */
  readonly to: string;
}

const join = (from: Socket, to: Socket): void => {
  // A half-close goes on; a fault of either ends both.
  pipeline(from, to, () => undefined);
  pipeline(to, from, () => undefined);
};

/** Carries TCP connections from one of this machine's addresses to another. @throws when it can't listen there. */
export const forwardPort = async ({ host, port, to }: Forward): Promise<Server> => {
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    join(socket, connect({ host: to, port, allowHalfOpen: true, noDelay: true }));
  });
  server.listen({ host, port, exclusive: true });
  await once(server, 'listening');
  return server;
};
