import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request } from 'node:http';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { exchangeBytes, snapshotOf, startDyno, startRouter } from './router.fixture.ts';

const webSocketGuid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

const echoDyno = async () => {
  const dyno = await startDyno((_incoming, response) => response.end('plain'));
  dyno.server.on('upgrade', (incoming, socket) => {
    if (incoming.url === '/no') {
      socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno');
      return;
    }
    const accept = createHash('sha1')
      .update(`${incoming.headers['sec-websocket-key']}${webSocketGuid}`)
      .digest('base64');
    const proto = incoming.headers['x-forwarded-proto'];
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
        `Sec-WebSocket-Accept: ${accept}\r\nX-Proto: ${proto}\r\n\r\n`,
    );
    socket.pipe(socket);
    socket.on('error', () => undefined);
  });
  return dyno;
};

const open = async (port: number) => {
  const sent = request({
    host: '127.0.0.1',
    port,
    path: '/chat',
    headers: { Host: 'shop.test', Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Key': 'abc' },
  }).end();
  const [answer, socket] = (await once(sent, 'upgrade')) as [{ headers: Record<string, string> }, Socket]; // per docs
  return { answer, socket };
};

test('a WebSocket is a byte pipe in both directions, logged with status 101 when it ends', async () => {
  await using dyno = await echoDyno();
  await using router = await startRouter(snapshotOf([dyno.dyno]));
  const { answer, socket } = await open(router.port);
  const accept = createHash('sha1').update(`abc${webSocketGuid}`).digest('base64');
  assert.equal(answer.headers['sec-websocket-accept'], accept);
  assert.equal(answer.headers['x-proto'], 'http');
  for (const text of ['one', 'two', 'x'.repeat(10_000)]) {
    socket.write(text);
    let got = '';
    while (got.length < text.length) got += String((await once(socket, 'data'))[0]);
    assert.equal(got, text);
  }
  socket.destroy();
  assert.match((await router.logged(1))[0] ?? '', /^at=info method=GET path="\/chat" .* dyno=web\.1 .* status=101 /);
});

test('a tunnel does not keep its dyno from being replaced', async () => {
  await using dyno = await echoDyno();
  await using router = await startRouter(snapshotOf([dyno.dyno]));
  const { socket } = await open(router.port);
  router.table.apply(snapshotOf([]));
  assert.deepEqual(router.table.busy(), []);
  socket.write('still here');
  assert.equal(String((await once(socket, 'data'))[0]), 'still here');
  socket.destroy();
});

const collectGarbage = (): void => {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
};

test('tunnels that say nothing hold no memory to read into', async () => {
  const tunnels = 200;
  await using dyno = await echoDyno();
  await using router = await startRouter(snapshotOf([dyno.dyno]));
  const talk = async (): Promise<Socket> => {
    const { socket } = await open(router.port);
    socket.write('hello');
    await once(socket, 'data');
    return socket;
  };
  const first = await talk();
  collectGarbage();
  const before = process.memoryUsage().arrayBuffers;
  const sockets = [first];
  for (let n = 0; n < tunnels; n++) sockets.push(await talk());
  collectGarbage();
  const bytesEach = (process.memoryUsage().arrayBuffers - before) / tunnels;
  // Both ends of the test's own connections are in this number.
  assert.ok(bytesEach < 16 * 1024, `${bytesEach} bytes each`);
  for (const socket of sockets) socket.destroy();
});

test('large messages pass tunnels unharmed, both ways at once and while others wait', async () => {
  await using dyno = await echoDyno();
  await using router = await startRouter(snapshotOf([dyno.dyno]));
  const played = Array.from({ length: 8 }, async (_, number) => {
    const { socket } = await open(router.port);
    const sent = Buffer.alloc(1_500_000, `tunnel ${number} `);
    socket.write(sent);
    const parts: Buffer[] = [];
    for (let length = 0; length < sent.length; ) {
      const [part] = (await once(socket, 'data')) as [Buffer]; // no encoding is set
      parts.push(part);
      length += part.length;
    }
    socket.destroy();
    assert.ok(Buffer.concat(parts).equals(sent), `tunnel ${number}`);
  });
  await Promise.all(played);
});

test('a silent tunnel is closed: H15', async () => {
  await using dyno = await echoDyno();
  await using router = await startRouter(snapshotOf([dyno.dyno]), { timeouts: { idleMs: 30 } });
  const { socket } = await open(router.port);
  socket.resume();
  await once(socket, 'close');
  assert.match((await router.logged(1))[0] ?? '', /code=H15/);
});

test('a refused upgrade, an error page and HTTP/2 instead of an upgrade are plain answers', async () => {
  await using dyno = await echoDyno();
  await using router = await startRouter(snapshotOf([dyno.dyno]));
  const upgrade = (path: string, protocol: string, host = 'shop.test'): Promise<string> =>
    exchangeBytes(
      router.port,
      `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: Upgrade, close\r\nUpgrade: ${protocol}\r\n\r\n`,
    );
  assert.match(await upgrade('/no', 'websocket'), /^HTTP\/1\.1 403 Forbidden\r\n.*Connection: close\r\n.*no$/s);
  assert.match(await upgrade('/', 'websocket', 'other.test'), /^HTTP\/1\.1 404 .*No such app/s);
  assert.match(await upgrade('/', 'h2c'), /^HTTP\/1\.1 200 OK\r\n.*plain/s);
});

test('closing the router ends its tunnels', async () => {
  await using dyno = await echoDyno();
  const router = await startRouter(snapshotOf([dyno.dyno]));
  const { socket } = await open(router.port);
  socket.resume();
  await Promise.all([router.router.close(), once(socket, 'close')]);
});
