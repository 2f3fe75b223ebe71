import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/**
 * A proxy in front of a port that loses its first connections.
 * - before: passes the request on and cuts the client off before any of the answer
 * - after: waits for the first of the answer, keeps it, and cuts the client off
 */
export const droppingProxy = async (
  port: number,
  drop: 'before' | 'after',
  times: number,
): Promise<{ url: string; dropped: () => number; close: () => Promise<void> }> => {
  let dropped = 0;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => open.delete(socket));
    }
    const drops = dropped < times;
    if (drops) dropped++;
    client.on('data', (chunk) => {
      upstream.write(chunk, () => {
        if (drops && drop === 'before') setImmediate(() => client.resetAndDestroy());
      });
    });
    client.on('close', () => upstream.destroy());
    upstream.on('data', (chunk) => {
      if (drops) client.resetAndDestroy();
      else client.write(chunk);
    });
    upstream.on('end', () => client.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`,
    dropped: () => dropped,
    close: async () => {
      for (const socket of open) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
};
