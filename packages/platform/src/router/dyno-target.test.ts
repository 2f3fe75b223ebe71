import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { ask, close, listen, routedDyno, snapshotOf, startRouter } from './router.fixture.ts';

/** A dyno that answers every request in the same way and knows its connections. */
const countingDyno = async (fields: string) => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.on('data', () => socket.write(`HTTP/1.1 200 OK\r\n${fields}Content-Length: 2\r\n\r\nok`));
  });
  const port = await listen(server);
  return {
    sockets,
    dyno: routedDyno(port),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await close(server);
    },
  };
};

test('one connection to a dyno serves one request after another', async () => {
  await using dyno = await countingDyno('');
  await using router = await startRouter([dyno.dyno]);
  for (let i = 0; i < 5; i++) assert.equal((await ask(router.port)).body, 'ok');
  assert.equal(dyno.sockets.length, 1);
});

test('a dyno that says it closes gets no second request on that connection', async () => {
  await using dyno = await countingDyno('Connection: close\r\n');
  await using router = await startRouter([dyno.dyno]);
  for (let i = 0; i < 3; i++) assert.equal((await ask(router.port)).body, 'ok');
  assert.equal(dyno.sockets.length, 3);
});

test('a dyno that keeps connections for a second only is not trusted to be there within it', async () => {
  await using dyno = await countingDyno('Keep-Alive: timeout=1\r\n');
  await using router = await startRouter([dyno.dyno]);
  for (let i = 0; i < 3; i++) assert.equal((await ask(router.port)).body, 'ok');
  assert.equal(dyno.sockets.length, 3);
});

test('bytes on an idle connection end it, and no later client sees them', async () => {
  await using dyno = await countingDyno('');
  await using router = await startRouter([dyno.dyno]);
  assert.equal((await ask(router.port)).body, 'ok');
  const closed = once(dyno.sockets[0] as Socket, 'close'); // the first request opened it
  dyno.sockets[0]?.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil');
  await closed;
  assert.equal((await ask(router.port)).body, 'ok');
  assert.equal(dyno.sockets.length, 2);
});

test('a dyno that is no longer routed to loses its idle connections', async () => {
  await using dyno = await countingDyno('');
  await using router = await startRouter([dyno.dyno]);
  await ask(router.port);
  const closed = once(dyno.sockets[0] as Socket, 'close'); // as above
  router.table.apply(snapshotOf([]));
  await closed;
});
