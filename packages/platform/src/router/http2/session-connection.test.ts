import assert from 'node:assert/strict';
import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { test } from 'node:test';
import { appId, snapshotOf, startDyno, startPouringDyno, startRouter } from '../router.fixture.ts';

type StartedRouter = Awaited<ReturnType<typeof startRouter>>;

const open = (router: StartedRouter, servername = 'shop.test'): ClientHttp2Session & AsyncDisposable => {
  const session = connect(`https://127.0.0.1:${router.port}`, { ca: router.ca ?? [], servername });
  session.on('error', () => undefined);
  return Object.assign(session, {
    [Symbol.asyncDispose]: async () => {
      if (session.destroyed) return;
      session.destroy();
      await once(session, 'close');
    },
  });
};

const ask = async (session: ClientHttp2Session, headers: OutgoingHttpHeaders = {}, body?: string) => {
  const stream = session.request({ ':authority': 'shop.test', ...headers }, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  const [answer] = (await once(stream, 'response')) as [IncomingHttpHeaders & { ':status': number }]; // per docs
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return { status: answer[':status'], headers: answer, body: text };
};

const tlsFor = ['shop.test'];

test('a request over HTTP/2 reaches the dyno over HTTP/1.1 and comes back, fields and all', async () => {
  await using dyno = await startDyno((incoming, response) => {
    response.setHeader('Set-Cookie', ['a=1', 'b=2']);
    response.end(JSON.stringify({ ...incoming.headers, method: incoming.method, url: incoming.url }));
  });
  await using router = await startRouter([dyno.dyno], { tlsFor });
  await using session = open(router);
  const { status, headers, body } = await ask(session, {
    ':path': '/a?b',
    cookie: ['x=1', 'y=2'],
    te: 'trailers',
    'x-mine': '1',
  });
  const seen = JSON.parse(body);
  assert.equal(status, 200);
  assert.deepEqual(headers['set-cookie'], ['a=1', 'b=2']);
  assert.equal(headers.via, '1.1 ravine');
  assert.equal(seen.url, '/a?b');
  assert.equal(seen.host, 'shop.test');
  assert.equal(seen.cookie, 'x=1; y=2');
  assert.equal(seen.via, '2.0 ravine');
  assert.equal(seen['x-mine'], '1');
  assert.equal(seen['x-forwarded-proto'], 'https');
  assert.equal(seen.te, undefined);
  assert.match(
    (await router.logged(1))[0] ?? '',
    /^at=info .* status=200 bytes=\d+ protocol=http2\.0 tls=true tls_version=tls1\.3$/,
  );
});

test('bodies of any size pass both ways, with and without a length, many at once', async () => {
  await using dyno = await startDyno((incoming, response) => incoming.pipe(response));
  await using router = await startRouter([dyno.dyno], { tlsFor });
  await using session = open(router);
  const bodies = ['', 'small', 'x'.repeat(20_000), 'y'.repeat(1_000_000)];
  const answers = bodies.flatMap((body) => [
    ask(session, { ':method': 'POST' }, body),
    ask(session, { ':method': 'POST', 'content-length': body.length }, body),
  ]);
  const got = (await Promise.all(answers)).map(({ body }) => body);
  assert.ok(got.every((body, i) => body === bodies[i >> 1]));
});

test('every byte that a value may hold arrives as it was, in Huffman coding', async () => {
  let seen: readonly string[] = [];
  await using dyno = await startDyno((incoming, response) => {
    seen = incoming.rawHeaders;
    response.end();
  });
  await using router = await startRouter([dyno.dyno], { tlsFor });
  await using session = open(router);
  const codes = Array.from({ length: 256 }, (_, code) => code).filter((code) => code > 0x20 && code !== 0x7f);
  // Long enough for the client to find the coded form shorter, whatever the byte costs.
  const values = codes.map((code) => `${'a'.repeat(40)}${String.fromCharCode(code)}e`);
  for (let from = 0; from < values.length; from += 64) {
    const some = values.slice(from, from + 64);
    const { status } = await ask(session, Object.fromEntries(some.map((value, i) => [`x-${i}`, value])));
    assert.equal(status, 200);
    const got = seen.flatMap((text, i) => (i % 2 === 1 && /^x-\d/.test(seen[i - 1] ?? '') ? [text] : []));
    assert.deepEqual(got, some);
  }
});

test('a client that does not read stops the dyno from sending', async () => {
  const total = 32 * 1024 * 1024;
  await using dyno = await startPouringDyno(total);
  await using router = await startRouter([dyno.dyno], { tlsFor });
  await using session = open(router);
  const stream = session.request({ ':authority': 'shop.test' });
  await once(stream, 'response');
  const written = await dyno.stopped();
  assert.ok(written < total, `${written} bytes were taken from the dyno`);
  let read = 0;
  for await (const chunk of stream) read += chunk.length;
  assert.equal(read, total);
});

test('HEAD, an early answer, 100-continue and the router’s own pages work as over HTTP/1.1', async () => {
  await using dyno = await startDyno((incoming, response) => {
    if (incoming.url === '/early') response.writeHead(413).end('too much');
    else response.setHeader('Content-Length', 5).end('hello');
  });
  await using router = await startRouter([dyno.dyno], { tlsFor });
  await using session = open(router);
  const head = await ask(session, { ':method': 'HEAD' });
  assert.deepEqual([head.status, head.headers['content-length'], head.body], [200, '5', '']);
  const upload = session.request(
    { ':authority': 'shop.test', ':method': 'POST', ':path': '/early' },
    { endStream: false },
  );
  upload.on('error', () => undefined);
  upload.write('x');
  assert.equal((await once(upload, 'response'))[0][':status'], 413);
  upload.resume();
  await once(upload, 'close');
  const waiting = session.request(
    { ':authority': 'shop.test', ':method': 'POST', expect: '100-continue' },
    { endStream: false },
  );
  await once(waiting, 'continue');
  waiting.end('x');
  assert.equal((await once(waiting, 'response'))[0][':status'], 200);
  waiting.resume();
  assert.equal((await ask(session, { ':authority': 'other.test' })).status, 404);
  assert.equal((await ask(session)).body, 'hello');
});

test('what HTTP/1.1 could misunderstand never reaches a dyno', async () => {
  let reached = 0;
  await using dyno = await startDyno((_incoming, response) => {
    reached++;
    response.end();
  });
  await using router = await startRouter([dyno.dyno], { tlsFor });
  await using session = open(router);
  for (const headers of [
    { ':path': '/a b' },
    { ':path': '/a#b' },
    { host: 'other.test' },
    { ':authority': 'u@shop.test' },
    { ':authority': '' },
    { ':method': 'CONNECT', ':path': undefined, ':scheme': undefined },
    { expect: 'miracles' },
  ] as OutgoingHttpHeaders[]) {
    // Some of these node:http2 itself refuses, by a reset of the stream.
    const status = await ask(session, headers).then(
      (answer) => answer.status,
      () => 400,
    );
    assert.ok(status >= 400 && status < 500, `${JSON.stringify(headers)}: ${status}`);
  }
  assert.equal(reached, 0);
});

test('an answer that breaks off resets its stream only', async () => {
  await using dyno = await startDyno((incoming, response) => {
    if (incoming.url === '/break') {
      response.setHeader('Content-Length', 10);
      response.write('half', () => response.destroy());
    } else response.end('whole');
  });
  await using router = await startRouter([dyno.dyno], { tlsFor });
  await using session = open(router);
  await assert.rejects(ask(session, { ':path': '/break' }));
  assert.equal((await ask(session)).body, 'whole');
  assert.match((await router.logged(1))[0] ?? '', /code=H18/);
});

test('a client that cancels is an H27, one that breaks the protocol an H33; the dyno is told', async () => {
  const told: string[] = [];
  await using dyno = await startDyno((incoming) => void incoming.on('close', () => told.push(incoming.url ?? '')));
  await using router = await startRouter([dyno.dyno], { tlsFor });
  await using session = open(router);
  for (const [path, code] of [
    ['/cancel', constants.NGHTTP2_CANCEL],
    ['/break', constants.NGHTTP2_PROTOCOL_ERROR],
  ] as const) {
    const reached = once(dyno.server, 'request');
    const stream = session.request({ ':authority': 'shop.test', ':path': path });
    stream.on('error', () => undefined);
    await reached;
    stream.close(code);
  }
  const lines = (await router.logged(2)).toSorted();
  assert.match(lines[0] ?? '', /code=H27 .* path="\/cancel" .* status=499/);
  assert.match(lines[1] ?? '', /code=H33 desc="HTTP\/2 Stream Broken" .* path="\/break" .* status=499/);
  while (told.length < 2) await new Promise(setImmediate);
});

test('a request for an app that the connection was not opened for is an H31', async () => {
  const routes = snapshotOf([], { state: 'idle' });
  const other = { ...routes.apps[appId], id: 'app-2', name: 'other' };
  await using router = await startRouter(
    {
      ...routes,
      apps: { ...routes.apps, 'app-2': other },
      hosts: { ...routes.hosts, 'other.test': 'app-2' },
      certificates: { 'other.test': '/nowhere' },
    } as unknown as typeof routes, // readable ids
    { tlsFor },
  );
  await using session = open(router);
  assert.equal((await ask(session, { ':authority': 'other.test', 'user-agent': 'me/1' })).status, 421);
  assert.match(
    (await router.logged(1))[0] ?? '',
    /code=H31 desc="Misdirected Request" agent="me\/1" method=GET .* host=other\.test /,
  );
});

test('a client that only opens and resets streams is cut off', async () => {
  await using dyno = await startDyno(() => undefined);
  await using router = await startRouter([dyno.dyno], { tlsFor });
  await using session = open(router);
  const closed = new Promise((resolve) => session.once('close', resolve));
  while (!session.closed && !session.destroyed) {
    for (let i = 0; i < 50 && !session.destroyed; i++) {
      session
        .request({ ':authority': 'shop.test' })
        .on('error', () => undefined)
        .close(constants.NGHTTP2_CANCEL);
    }
    await new Promise(setImmediate);
  }
  await closed;
});

test('closing lets streams end and tells the client to go elsewhere', async () => {
  const reached = Promise.withResolvers<() => void>();
  await using dyno = await startDyno((_incoming, response) => reached.resolve(() => response.end('done')));
  await using router = await startRouter([dyno.dyno], { tlsFor, timeouts: { graceMs: 10 } });
  await using session = open(router);
  const answer = ask(session);
  const answerNow = await reached.promise;
  const goaway = once(session, 'goaway');
  const closed = router.router.close();
  await goaway;
  answerNow();
  assert.equal((await answer).body, 'done');
  await closed;
});
