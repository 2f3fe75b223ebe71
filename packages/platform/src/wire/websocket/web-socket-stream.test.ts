import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { openingOf } from './handshake.ts';
import { WebSocketStream } from './web-socket-stream.ts';

/** A server whose one WebSocket says back what it gets: bytes as bytes, `close` by closing, other text in capitals. */
const echo = async (t: TestContext) => {
  const server = createServer();
  const served = Promise.withResolvers<WebSocketStream>();
  server.on('upgrade', (request, socket, head) => {
    const opening = openingOf(request);
    if (opening === undefined) return socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    socket.write(opening);
    const stream: WebSocketStream = new WebSocketStream(socket, head, (text) => {
      if (text === 'close') stream.close(1008, 'as you said');
      else void stream.sendText(text.toUpperCase());
    });
    stream.pipe(stream, { end: false });
    served.resolve(stream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    void served.promise.then((stream) => stream.destroy());
  });
  // Node's typing allows a pipe's name here; a TCP listener always has a port.
  const { port } = server.address() as AddressInfo;
  return { port, served: served.promise };
};

const opened = async (port: number): Promise<WebSocket> => {
  const client = new WebSocket(`ws://127.0.0.1:${port}/`);
  client.binaryType = 'arraybuffer';
  await new Promise((resolve, reject) => {
    client.addEventListener('open', resolve, { once: true });
    client.addEventListener('error', reject, { once: true });
  });
  return client;
};

/** Opens by hand, to send what no honest client does. */
const openedRaw = async (port: number): Promise<Socket> => {
  const socket = connect(port, '127.0.0.1');
  const key = Buffer.alloc(16, 7).toString('base64');
  socket.write(
    `GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`,
  );
  const [head] = await once(socket, 'data');
  assert.match(String(head), /^HTTP\/1\.1 101 /);
  return socket;
};

const masked = (first: number, payload: Buffer): Buffer => {
  const mask = Buffer.of(1, 2, 3, 4);
  const body = payload.map((byte, at) => byte ^ (mask[at & 3] ?? 0));
  return Buffer.concat([Buffer.of(first, 0x80 | payload.length), mask, body]);
};

test('bytes come back as they were sent, from none to megabytes, and text goes beside them', async (t) => {
  const { port } = await echo(t);
  const client = await opened(port);
  for (const length of [1, 125, 126, 65_535, 65_536, 1_000_000]) {
    const sent = Buffer.alloc(length, `${length}`);
    const got: Buffer[] = [];
    const all = new Promise<void>((resolve) => {
      client.onmessage = ({ data }) => {
        got.push(Buffer.from(data));
        if (Buffer.concat(got).length >= length) resolve();
      };
    });
    client.send(sent);
    await all;
    assert.ok(Buffer.concat(got).equals(sent));
  }
  const text = new Promise((resolve) => {
    client.onmessage = ({ data }) => resolve(data);
  });
  client.send('größe');
  assert.equal(await text, 'GRÖSSE');
  client.close();
  await once(client, 'close');
});

test('the server closes with a code and a reason, and the connection ends', async (t) => {
  const { port, served } = await echo(t);
  const client = await opened(port);
  const gone = once(await served, 'close');
  client.send('close');
  const [{ code, reason }] = await once(client, 'close');
  assert.deepEqual([code, reason], [1008, 'as you said']);
  await gone;
});

test('a client that closes, or vanishes, ends the stream', async (t) => {
  for (const leave of [
    (client: Socket) => client.write(masked(0x88, Buffer.alloc(0))),
    (client: Socket) => client.end(),
    (client: Socket) => client.resetAndDestroy(),
  ]) {
    const { port, served } = await echo(t);
    const client = await openedRaw(port);
    client.on('error', () => {});
    client.resume();
    const gone = once(await served, 'close');
    leave(client);
    await gone;
    client.destroy();
  }
});

test('a message in pieces is one message, a ping in between is answered', async (t) => {
  const { port } = await echo(t);
  const client = await openedRaw(port);
  let got = Buffer.alloc(0);
  const enough = new Promise<void>((resolve) => {
    client.on('data', (bytes: Buffer) => {
      got = Buffer.concat([got, bytes]);
      if (got.length >= 4 + 6) resolve();
    });
  });
  client.write(masked(0x01, Buffer.from('ab')));
  client.write(masked(0x89, Buffer.from('hi')));
  const last = masked(0x80, Buffer.from('cd'));
  for (const byte of last) client.write(Buffer.of(byte));
  await enough;
  assert.deepEqual(got, Buffer.concat([Buffer.from('\x8a\x02hi', 'latin1'), Buffer.from('\x81\x04ABCD', 'latin1')]));
  client.destroy();
});

test('what is against the protocol ends the connection with its code', async (t) => {
  const tooLong = Buffer.concat([Buffer.of(0x82, 0xff), Buffer.from([0, 0, 0, 0, 1, 0, 0, 0]), Buffer.alloc(4)]);
  const cases: readonly (readonly [string, Buffer, number])[] = [
    ['no mask', Buffer.of(0x82, 1, 65), 1002],
    ['an extension', masked(0xc2, Buffer.from('x')), 1002],
    ['an unknown opcode', masked(0x83, Buffer.from('x')), 1002],
    ['a continuation of nothing', masked(0x80, Buffer.from('x')), 1002],
    [
      'a message inside of another',
      Buffer.concat([masked(0x01, Buffer.from('a')), masked(0x81, Buffer.from('b'))]),
      1002,
    ],
    ['a ping in pieces', masked(0x09, Buffer.from('x')), 1002],
    ['text that is none', masked(0x81, Buffer.of(0xff, 0xfe)), 1007],
    ['a frame of 16 MB', tooLong, 1009],
  ];
  for (const [what, bytes, code] of cases) {
    const { port } = await echo(t);
    const client = await openedRaw(port);
    const chunks: Buffer[] = [];
    client.on('data', (chunk: Buffer) => chunks.push(chunk));
    client.write(bytes);
    await once(client, 'end');
    const got = Buffer.concat(chunks);
    assert.deepEqual([got[0], got.readUInt16BE(2)], [0x88, code], what);
    client.destroy();
  }
});

test('a request that is no right handshake opens nothing', () => {
  const right = {
    upgrade: 'WebSocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==',
  };
  assert.match(openingOf({ method: 'GET', headers: right }) ?? '', /^HTTP\/1\.1 101 /);
  // RFC 6455 section 1.3 computes this one.
  const example = { ...right, 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' };
  assert.match(openingOf({ method: 'GET', headers: example }) ?? '', /Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=\r\n\r\n$/);
  assert.equal(openingOf({ method: 'POST', headers: right }), undefined);
  assert.equal(openingOf({ method: 'GET', headers: { ...right, 'sec-websocket-version': '8' } }), undefined);
  assert.equal(openingOf({ method: 'GET', headers: { ...right, 'sec-websocket-key': 'short' } }), undefined);
});
