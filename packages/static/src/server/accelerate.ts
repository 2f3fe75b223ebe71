import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { StaticFiles } from '../static-files.ts';
import { Renderer } from './render.ts';
import { StaticConnection } from './static-connection.ts';

/**
 * Lets a node:http or node:https server answer plain requests for these files before it has parsed them, which takes a third of the time.
 * Everything else, and every request that is in any way unusual, goes to the server as ever, over the same connections.
 * Requests answered here cause no `request` event: keep a handler or middleware for the same files behind it,
 * and use it only for files that everybody may have.
 */
export const accelerate = <Accelerated extends Server>(server: Accelerated, files: StaticFiles): Accelerated => {
  const connections = new Set<StaticConnection>();
  const ofSocket = new WeakMap<Socket, StaticConnection>();
  const renderer = new Renderer();
  const event = server.listenerCount('secureConnection') > 0 ? 'secureConnection' : 'connection';
  const [serve, ...others] = server.listeners(event);
  if (serve === undefined) throw new TypeError('expected a server of node:http or node:https');
  server.removeListener(event, serve as (socket: Socket) => void); // what was registered for this event
  for (const other of others) server.removeListener(event, other as (socket: Socket) => void); // the same
  const connect = (socket: Socket): void => {
    if ((server.maxRequestsPerSocket ?? 0) > 0) {
      Reflect.apply(serve, server, [socket]);
      return;
    }
    const connection = new StaticConnection(socket, server, files, renderer, () =>
      Reflect.apply(serve, server, [socket]),
    );
    connections.add(connection);
    ofSocket.set(socket, connection);
    socket.once('close', () => connections.delete(connection));
  };
  server.on(event, connect);
  for (const other of others) server.on(event, other as (socket: Socket) => void); // the same
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    response.once('close', () => ofSocket.get(request.socket)?.answeredByServer());
  });

  const closeIdle = server.closeIdleConnections.bind(server);
  // server.close() calls this too. An answer of ours that is still being sent doesn't count as idle.
  server.closeIdleConnections = () => {
    const sending = [...connections].filter((connection) => connection.isSending);
    for (const connection of connections) if (!connection.isSending) connection.closeIfOurs();
    if (sending.length === 0) closeIdle();
    else void Promise.all(sending.map((connection) => connection.sent())).then(() => server.closeIdleConnections());
  };
  const closeAll = server.closeAllConnections.bind(server);
  server.closeAllConnections = () => {
    for (const connection of connections) connection.destroy();
    closeAll();
  };
  return server;
};
