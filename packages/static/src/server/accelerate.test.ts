import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { accelerate, handleStatic, staticFiles } from '../index.ts';
import { css, makeFolder, styled } from '../testing.fixture.ts';

interface Site {
  readonly server: Server;
  readonly port: number;
  /** What the server itself was asked. */
  readonly asked: string[];
}

const start = async (context: TestContext, content = {}, tune: (server: Server) => void = () => {}): Promise<Site> => {
  const files = staticFiles({ root: makeFolder(context, { ...styled, 'a.txt': 'alpha', ...content }) });
  const asked: string[] = [];
  const listener: RequestListener = (request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (handleStatic(files, request, response)) return;
    request.resume().on('end', () => response.end(`application ${request.url}`));
  };
  const server = createServer(listener);
  tune(server);
  accelerate(server, files).listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const address = server.address();
  return { server, port: typeof address === 'object' ? (address?.port ?? 0) : 0, asked };
};

/** A client that writes what it is told and waits for what it expects. */
class Client {
  readonly socket: Socket;
  received = '';
  #wake: () => void = () => {};

  constructor(port: number, context: TestContext) {
    this.socket = connect(port, '127.0.0.1').setEncoding('latin1').setNoDelay();
    this.socket.on('data', (text: string) => {
      this.received += text;
      this.#wake();
    });
    this.socket.on('error', () => {}).on('close', () => this.#wake());
    context.after(() => this.socket.destroy());
  }

  /** Resolves with everything up to and including the text, and forgets it. */
  async until(text: string): Promise<string> {
    while (!this.received.includes(text)) {
      assert.ok(!this.socket.closed, `closed after ${this.received}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const end = this.received.indexOf(text) + text.length;
    const got = this.received.slice(0, end);
    this.received = this.received.slice(end);
    return got;
  }

  send(text: string): this {
    this.socket.write(text);
    return this;
  }

  get(path: string, more = ''): this {
    return this.send(`GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`);
  }
}

test('plain requests for files never reach the server, all others do, on one connection in any order', async (context) => {
  const { port, asked } = await start(context);
  const client = new Client(port, context);
  assert.match(
    await client.get('/a.txt').until('alpha'),
    /^HTTP\/1\.1 200 OK\r\n.*\r\ndate: .*GMT\r\nconnection: keep-alive\r\n/s,
  );
  await client.get('/one').until('application /one');
  await client.get('/a.txt').until('alpha');
  await client.get('/two').until('application /two');
  await client.get('/a.txt', 'Cookie: a=b\r\nAccept: */*\r\n').until('alpha');
  assert.deepEqual(asked, ['GET /one', 'GET /two']);
  assert.equal(client.received, '');
});

test('conditions, ranges and codings are answered as by the server', async (context) => {
  const { port, asked } = await start(context);
  const client = new Client(port, context);
  const first = await client.get('/app.css', 'accept-encoding: gzip\r\n').until('\r\n\r\n');
  assert.match(first, /content-encoding: gzip/);
  const etag = /etag: (.*)\r/.exec(first)?.[1];
  client.received = '';
  const again = new Client(port, context);
  const second = await again.get('/app.css', `Accept-Encoding: gzip\r\nIf-None-Match: ${etag}\r\n`).until('\r\n\r\n');
  assert.match(second, /^HTTP\/1\.1 304 Not Modified\r\n/);
  await again.get('/a.txt', 'Range: bytes=1-2\r\n').until('\r\n\r\nlp');
  assert.match(await again.send('HEAD /a.txt HTTP/1.1\r\nHost: x\r\n\r\n').until('\r\n\r\n'), /content-length: 5/);
  await again.get('/a.txt').until('\r\n\r\nalpha');
  assert.deepEqual(asked, []);
});

const unusual: readonly (readonly [why: string, request: string, answer: RegExp])[] = [
  ['HTTP/1.0', 'GET /a.txt HTTP/1.0\r\n\r\n', /200 OK.*connection: close.*alpha$/is],
  [
    'a request to close',
    'GET /a.txt HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    /200 OK.*connection: close.*alpha$/is,
  ],
  ['no host', 'GET /a.txt HTTP/1.1\r\n\r\n', /400 Bad Request/],
  ['two hosts', 'GET /a.txt HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n', /400 Bad Request|200 OK/],
  ['a body', 'GET /a.txt HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello', /alpha/],
  ['a name with a blank', 'GET /a.txt HTTP/1.1\r\nHost: x\r\nContent-Length : 5\r\n\r\nhello', /400 Bad Request/],
  ['a folded header', 'GET /a.txt HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n', /400 Bad Request|200 OK/],
  ['a bare line feed', 'GET /a.txt HTTP/1.1\nHost: x\n\n', /400 Bad Request|200 OK/],
  ['a control character', 'GET /a.txt HTTP/1.1\r\nHost: x\r\nA: \u0001\r\n\r\n', /400 Bad Request/],
  ['no method that there is', 'FETCH /a.txt HTTP/1.1\r\nHost: x\r\n\r\n', /400 Bad Request/],
  ['another method', 'DELETE /a.txt HTTP/1.1\r\nHost: x\r\n\r\n', /405 Method Not Allowed/],
];

for (const [why, request, answer] of unusual) {
  test(`node:http is the judge of a request with ${why}`, async (context) => {
    const { port, asked } = await start(context);
    const client = new Client(port, context).send(request);
    client.socket.end();
    await once(client.socket, 'close');
    assert.match(client.received, answer);
    assert.ok(asked.length === 1 || /400 Bad Request/.test(client.received));
  });
}

test('a request that arrives in pieces is put together by the server', async (context) => {
  const { server, port, asked } = await start(context);
  const firstPiece = once(server, 'connection').then(([socket]: Socket[]) => socket && once(socket, 'data'));
  const client = new Client(port, context).send('GET /a.txt HT');
  await firstPiece;
  client.send('TP/1.1\r\nHost: x\r\n\r\n');
  await client.until('alpha');
  assert.deepEqual(asked, ['GET /a.txt']);
  await client.get('/two').until('application /two');
});

test('header lines that come again are heeded for each request, and others that come between, too', async (context) => {
  const { port } = await start(context);
  const client = new Client(port, context);
  for (let i = 0; i < 2; i++) {
    await client.get('/a.txt', 'Range: bytes=1-2\r\n').until('\r\n\r\nlp');
    await client.get('/a.txt', 'Range: bytes=1-2\r\n').until('\r\n\r\nlp');
    await client.get('/a.txt').until('\r\n\r\nalpha');
    await client.get('/one', 'Range: bytes=1-2\r\n').until('application /one');
  }
  assert.equal(client.received, '');
});

test('requests sent without waiting are answered in their order', async (context) => {
  const { port } = await start(context);
  const client = new Client(port, context);
  client.send(
    'GET /one HTTP/1.1\r\nHost: x\r\n\r\nGET /a.txt HTTP/1.1\r\nHost: x\r\n\r\nGET /two HTTP/1.1\r\nHost: x\r\n\r\n',
  );
  const all = await client.until('application /two');
  assert.ok(all.indexOf('application /one') < all.indexOf('alpha'));
  await client.get('/a.txt').until('alpha');
});

test('a body after a head that looks like one for a file goes to where it belongs', async (context) => {
  const { port, asked } = await start(context);
  const client = new Client(port, context);
  const smuggled = 'GET /a.txt HTTP/1.1\r\nHost: x\r\n\r\n';
  client.send(`POST /post HTTP/1.1\r\nHost: x\r\nContent-Length: ${smuggled.length}\r\n\r\n`);
  await new Promise<void>((resolve) => client.socket.write(smuggled, () => resolve()));
  await client.until('application /post');
  await client.get('/three').until('application /three');
  assert.ok(!client.received.includes('alpha'));
  assert.deepEqual(asked, ['POST /post', 'GET /three']);
});

test('a client that reads slowly gets a large file whole', async (context) => {
  const large = 'x'.repeat(3_000_000);
  const { port } = await start(context, { 'large.txt': large });
  const client = new Client(port, context);
  client.socket.pause();
  client.get('/large.txt');
  client.get('/large.txt');
  client.socket.resume();
  await client.until('\r\n\r\n');
  await client.until(large);
  await client.until('\r\n\r\n');
  await client.until(large);
});

for (const [who, first] of [
  ['us alone', '/a.txt'],
  ['the server, too', '/one'],
] as const) {
  test(`a client that takes nothing for longer than an idle connection is kept gets its file whole from a connection known to ${who}`, async (context) => {
    const large = 'z'.repeat(30_000_000);
    const { server, port } = await start(context, { 'large.txt': large }, (tuned) => {
      tuned.keepAliveTimeout = 1;
    });
    const accepted = once(server, 'connection');
    const client = new Client(port, context);
    await client.get(first).until(first === '/a.txt' ? 'alpha' : 'application /one');
    const [socket] = (await accepted) as [Socket]; // as net.Server documents
    client.socket.pause();
    client.get('/large.txt');
    await once(socket, 'timeout');
    client.socket.resume();
    await client.until('\r\n\r\n');
    await client.until(large);
    // And once it has, it is idle again.
    await once(client.socket, 'close');
  });
}

test('close() ends idle connections at once, whoever served them', async (context) => {
  const { server, port } = await start(context);
  const [files, application] = [new Client(port, context), new Client(port, context)];
  await files.get('/a.txt').until('alpha');
  await application.get('/one').until('application /one');
  await application.get('/a.txt').until('alpha');
  await Promise.all([
    new Promise((resolve) => server.close(resolve)),
    ...[files, application].map((client) => once(client.socket, 'close')),
  ]);
});

test('an answer that is still being sent when the server closes arrives whole', async (context) => {
  const large = 'y'.repeat(8_000_000);
  const { server, port } = await start(context, { 'large.txt': large });
  const client = new Client(port, context);
  await client.get('/large.txt').until('\r\n\r\n');
  client.socket.pause();
  const closed = new Promise((resolve) => server.close(resolve));
  client.socket.resume();
  await client.until(large);
  await closed;
});

test('a connection that stays silent is closed after the server’s own limits', async (context) => {
  const { port } = await start(context, {}, (server) => {
    server.keepAliveTimeout = 1;
    server.headersTimeout = 20;
  });
  const [silent, idle] = [new Client(port, context), new Client(port, context)];
  await idle.get('/a.txt').until('alpha');
  await Promise.all([once(silent.socket, 'close'), once(idle.socket, 'close')]);
});

test('what a variant holds is what a client gets, however often it asks', async (context) => {
  const { port } = await start(context);
  const client = new Client(port, context);
  for (let i = 0; i < 20; i++) await client.get('/app.css').until(`\r\n\r\n${css}`);
  assert.equal(client.received, '');
});
