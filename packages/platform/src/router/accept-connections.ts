import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { type BareHandle, bareSystem } from './http1/bare-handle.ts';

/** Where to listen: a socket inherited from a master, or an address of this process's own. */
export type Listener = { readonly fd: number } | { readonly host: string; readonly port: number };

/** Connections that may wait to be accepted: with Node's 511, visitors who all come at once on a busy machine are reset. */
const backlog = 4_096;

/** What net itself goes by; not documented, so looked for before it is relied upon. */
interface ListeningHandle {
  onconnection?: (status: number, handle: BareHandle | undefined) => void;
}

const handleOf = (server: Server): ListeningHandle | undefined => {
  const { _handle: handle } = server as { _handle?: ListeningHandle }; // see above
  return handle;
};

/**
 * Listens, and hands over each connection. Where this Node allows it they come as bare handles: nobody then needs
 * the Socket that net would make of each.
 */
export const acceptConnections = async (
  listener: Listener,
  accept: (source: Socket | BareHandle) => void,
): Promise<Server> => {
  const server = createServer({ allowHalfOpen: true });
  server.on('connection', accept);
  // For an inherited socket Node takes the backlog as an argument only.
  server.listen(listener, backlog);
  await once(server, 'listening');
  const handle = handleOf(server);
  if (bareSystem && typeof handle?.onconnection === 'function') {
    handle.onconnection = (status, accepted) => {
      if (status === 0 && accepted) accept(accepted);
    };
  }
  return server;
};

export const portOf = (server: Server): number => {
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
};
