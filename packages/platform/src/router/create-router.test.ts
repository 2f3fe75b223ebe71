import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import {
  ask,
  close,
  exchangeBytes,
  listen,
  routedDyno,
  snapshotOf,
  startDyno,
  startPouringDyno,
  startRouter,
} from './router.fixture.ts';

test('a request reaches the dyno with the fields that Heroku adds, and without hop-by-hop fields', async () => {
  await using dyno = await startDyno((incoming, response) => response.end(JSON.stringify(incoming.headers)));
  await using router = await startRouter(snapshotOf([dyno.dyno]));
  const { body } = await ask(router.port, {
    host: 'Shop.test:8080',
    headers: {
      connection: 'keep-alive, x-secret',
      'x-secret': 'a',
      te: 'trailers',
      'x-forwarded-for': '9.9.9.9',
      'x-forwarded-proto': 'https',
      'x-forwarded-port': '1',
      x_forwarded_proto: 'https',
      'x-request-start': '1',
      'x-request-id': 'too-short',
      via: '1.0 before',
      'x-mine': 'kept',
    },
  });
  const seen = JSON.parse(body);
  assert.equal(seen.host, 'Shop.test:8080');
  assert.equal(seen['x-forwarded-for'], '9.9.9.9, 127.0.0.1');
  assert.equal(seen['x-forwarded-proto'], 'http');
  assert.equal(seen['x-forwarded-port'], String(router.port));
  assert.match(seen['x-request-start'], /^\d{13}$/);
  assert.match(seen['x-request-id'], /^[0-9a-f-]{36}$/);
  assert.equal(seen.via, '1.0 before, 1.1 ravine');
  assert.equal(seen['x-mine'], 'kept');
  for (const name of ['x-secret', 'te', 'x_forwarded_proto']) assert.equal(seen[name], undefined);
});

test('a valid X-Request-Id of the client is kept', async () => {
  await using dyno = await startDyno((incoming, response) => response.end(incoming.headers['x-request-id']));
  await using router = await startRouter(snapshotOf([dyno.dyno]));
  const id = 'abcdefghij0123456789+/=-';
  assert.equal((await ask(router.port, { headers: { 'x-request-id': id } })).body, id);
});

test('the answer keeps its status, fields and body, and gains Via and Server', async () => {
  await using dyno = await startDyno((_incoming, response) => {
    response.writeHead(418, 'Short and stout', { 'X-Mine': 'yes', 'Set-Cookie': ['a=1', 'b=2'], Connection: 'close' });
    response.end('tea');
  });
  await using router = await startRouter(snapshotOf([dyno.dyno]));
  const agent = new Agent({ keepAlive: true });
  const answer = await ask(router.port, { agent });
  agent.destroy();
  assert.equal(answer.status, 418);
  assert.equal(answer.body, 'tea');
  assert.equal(answer.headers['x-mine'], 'yes');
  assert.deepEqual(answer.headers['set-cookie'], ['a=1', 'b=2']);
  assert.equal(answer.headers.via, '1.1 ravine');
  assert.equal(answer.headers.server, 'ravine');
  assert.equal(answer.headers.connection, 'keep-alive');
});

test('each request gives one line in the format of the Dev Center', async () => {
  await using dyno = await startDyno((_incoming, response) => response.end('hello'));
  await using router = await startRouter(snapshotOf([dyno.dyno]));
  await ask(router.port, { path: '/a?b="c', headers: { 'x-request-id': 'abcdefghij0123456789' } });
  const [line] = await router.logged(1);
  assert.match(
    line ?? '',
    /^at=info method=GET path="\/a\?b=%22c" host=shop\.test request_id=abcdefghij0123456789 fwd="127\.0\.0\.1" dyno=web\.1 connect=\d+ms service=\d+ms status=200 bytes=5 protocol=http1\.1 tls=false tls_version=unknown$/,
  );
});

test('bodies stream both ways, with and without a length, and are not held back', async () => {
  await using dyno = await startDyno((incoming, response) => {
    response.write('start ');
    incoming.pipe(response);
  });
  await using router = await startRouter(snapshotOf([dyno.dyno]));
  const sent = request({ host: '127.0.0.1', port: router.port, method: 'POST', headers: { host: 'shop.test' } });
  sent.flushHeaders();
  const [response] = await once(sent, 'response');
  response.setEncoding('utf8');
  assert.deepEqual(await once(response, 'data'), ['start ']);
  sent.write('one');
  assert.deepEqual(await once(response, 'data'), ['one']);
  const ended = once(response, 'end');
  sent.end('two');
  assert.deepEqual(await once(response, 'data'), ['two']);
  await ended;
  const body = 'x'.repeat(2_000_000);
  const whole = await ask(router.port, { method: 'PUT', body, headers: { 'content-length': String(body.length) } });
  assert.equal(whole.body.length, body.length + 6);
});

test('a client that does not read stops the dyno from sending', async () => {
  const total = 64 * 1024 * 1024;
  await using dyno = await startPouringDyno(total);
  await using router = await startRouter(snapshotOf([dyno.dyno]));
  const sent = request({ host: '127.0.0.1', port: router.port, headers: { host: 'shop.test' } }).end();
  const [response] = await once(sent, 'response');
  const written = await dyno.stopped();
  assert.ok(written < total, `${written} bytes were taken from the dyno`);
  let read = 0;
  for await (const chunk of response) read += chunk.length;
  assert.equal(read, total);
});

test('HEAD, 204 and 304 answers have no body and leave the connection usable', async () => {
  await using dyno = await startDyno((incoming, response) => {
    if (incoming.method === 'HEAD') response.setHeader('Content-Length', 5);
    else response.statusCode = Number(incoming.url?.slice(1));
    response.end();
  });
  await using router = await startRouter(snapshotOf([dyno.dyno]));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const head = await ask(router.port, { method: 'HEAD', agent });
  assert.equal(head.headers['content-length'], '5');
  for (const status of [204, 304, 200]) {
    assert.equal((await ask(router.port, { path: `/${status}`, agent })).status, status);
  }
  agent.destroy();
});

test('an unknown host is a 404 page, without a line in any log', async () => {
  await using router = await startRouter(snapshotOf([]));
  for (const host of ['other.test', '__proto__', 'shop.test.evil']) {
    const answer = await ask(router.port, { host });
    assert.equal(answer.status, 404);
    assert.match(answer.body, /No such app/);
  }
});

test('apps that can not answer say why, in page, status and log', async () => {
  for (const [state, code] of [
    ['blank', 'H81'],
    ['idle', 'H14'],
    ['crashed', 'H10'],
  ] as const) {
    await using router = await startRouter(snapshotOf([], { state }));
    const answer = await ask(router.port);
    assert.equal(answer.status, 503);
    assert.match(answer.headers['content-type'] ?? '', /text\/html/);
    const [line] = await router.logged(1);
    assert.match(
      line ?? '',
      new RegExp(`^at=(error|info) code=${code} desc="[^"]+" method=GET .* dyno= connect= service= status=503`),
    );
  }
});

test('maintenance comes before everything else and shows the page that the app names', async () => {
  await using router = await startRouter(
    snapshotOf([], { state: 'crashed', maintenance: true, maintenancePageUrl: 'https://pages.test/?a="b&c' }),
  );
  const { status, body } = await ask(router.port);
  assert.equal(status, 503);
  assert.match(body, /<iframe src="https:\/\/pages\.test\/\?a=&quot;b&amp;c"/);
  assert.match((await router.logged(1))[0] ?? '', /^at=info code=H80 desc="Maintenance mode"/);
});

test('ERROR_PAGE_URL replaces the page of an error', async () => {
  await using router = await startRouter(snapshotOf([], { state: 'crashed', errorPageUrl: 'https://pages.test/e' }));
  assert.match((await ask(router.port)).body, /<iframe src="https:\/\/pages\.test\/e"/);
});

test('requests to a booting app wait for its first dyno', async () => {
  await using dyno = await startDyno((_incoming, response) => response.end('up'));
  await using router = await startRouter(snapshotOf([], { state: 'booting' }));
  const answers = [ask(router.port), ask(router.port, { method: 'POST', body: 'x' })];
  await router.underWay(2);
  router.table.apply(snapshotOf([dyno.dyno]));
  for (const answer of await Promise.all(answers)) assert.equal(answer.body, 'up');
});

test('an app that does not boot in time is an H20, one that crashes meanwhile an H10', async () => {
  await using late = await startRouter(snapshotOf([], { state: 'booting' }), { timeouts: { bootMs: 20 } });
  assert.equal((await ask(late.port)).status, 503);
  assert.match((await late.logged(1))[0] ?? '', /code=H20 desc="App boot timeout"/);
  await using crash = await startRouter(snapshotOf([], { state: 'booting' }));
  const answer = ask(crash.port);
  await crash.underWay(1);
  crash.table.apply(snapshotOf([], { state: 'crashed' }));
  assert.equal((await answer).status, 503);
  assert.match((await crash.logged(1))[0] ?? '', /code=H10/);
});

test('a dyno that does not answer in time is an H12, counted from the end of the request', async () => {
  await using dyno = await startDyno(() => undefined);
  await using router = await startRouter(snapshotOf([dyno.dyno]), { timeouts: { firstByteMs: 60 } });
  const sent = request({ host: '127.0.0.1', port: router.port, method: 'POST', headers: { host: 'shop.test' } });
  sent.flushHeaders();
  await once(dyno.server, 'request');
  for (let i = 0; i < 6; i++) {
    sent.write('x');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  sent.end();
  const [response] = await once(sent, 'response');
  assert.equal(response.statusCode, 503);
  response.resume();
  const [line] = await router.logged(1);
  assert.match(line ?? '', /^at=error code=H12 desc="Request timeout" method=POST .* status=503 bytes=0/);
});

/** A dyno that speaks bytes. */
const rawDyno = async (onConnection: (socket: Socket) => void) => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    onConnection(socket);
  });
  const port = await listen(server);
  return { server, dyno: routedDyno(port), [Symbol.asyncDispose]: () => close(server) };
};

const rawCases: readonly [name: string, reply: string | undefined, line: RegExp][] = [
  ['closes without a byte: H13', undefined, /^at=error code=H13 desc="Connection closed without response"/],
  ['closes within its head: H18', 'HTTP/1.1 200 OK\r\nX-', /^sock=backend at=error code=H18/],
  ['speaks something else: H17', 'SSH-2.0-x\r\n\r\n', /code=H17 desc="Poorly formatted HTTP response"/],
];

for (const [name, reply, expected] of rawCases) {
  test(`a dyno that ${name}`, async () => {
    await using dyno = await rawDyno((socket) => socket.once('data', () => socket.end(reply ?? '')));
    await using router = await startRouter(snapshotOf([dyno.dyno]));
    assert.equal((await ask(router.port)).status, 503);
    assert.match((await router.logged(1))[0] ?? '', expected);
  });
}

test('an answer that breaks off is never made to look whole: H18', async () => {
  for (const head of ['Content-Length: 10', 'Transfer-Encoding: chunked']) {
    await using dyno = await rawDyno((socket) =>
      socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n5\r\nhe`)),
    );
    await using router = await startRouter(snapshotOf([dyno.dyno]));
    await assert.rejects(ask(router.port));
    assert.match((await router.logged(1))[0] ?? '', /^sock=backend at=error code=H18 .* status=503/);
  }
});

test('a dyno that falls silent within its answer is an H15', async () => {
  await using dyno = await startDyno((_incoming, response) => void response.write('some'));
  await using router = await startRouter(snapshotOf([dyno.dyno]), { timeouts: { idleMs: 40 } });
  await assert.rejects(ask(router.port));
  assert.match((await router.logged(1))[0] ?? '', /code=H15 desc="Idle connection"/);
});

test('a client that goes away is an H27 and its dyno is told', async () => {
  const told = Promise.withResolvers<void>();
  await using dyno = await startDyno((incoming) => void incoming.on('close', () => told.resolve()));
  await using router = await startRouter(snapshotOf([dyno.dyno]));
  const leaving = new AbortController();
  const answer = ask(router.port, { signal: leaving.signal });
  await once(dyno.server, 'request');
  leaving.abort();
  await assert.rejects(answer);
  await told.promise;
  assert.match((await router.logged(1))[0] ?? '', /^sock=client at=warning code=H27 .* status=499/);
});

test('a client that stops sending its body is an H28', async () => {
  await using dyno = await startDyno((incoming) => void incoming.resume());
  await using router = await startRouter(snapshotOf([dyno.dyno]), { timeouts: { idleMs: 40 } });
  const text = await exchangeBytes(
    router.port,
    'POST / HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 9\r\n\r\nabc',
  ).catch(() => '');
  assert.equal(text, '');
  assert.match((await router.logged(1))[0] ?? '', /^sock=client at=warning code=H28 .* status=499/);
});

test('an early answer to an upload arrives, and the next request on the connection is served', async () => {
  await using dyno = await startDyno((_incoming, response) => {
    response.statusCode = 413;
    response.end('too much');
  });
  await using router = await startRouter(snapshotOf([dyno.dyno]));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const answer = await ask(router.port, { method: 'POST', body: 'x'.repeat(500_000), agent });
  assert.equal(answer.status, 413);
  assert.equal(answer.body, 'too much');
  assert.equal((await ask(router.port, { agent })).status, 413);
  agent.destroy();
});

test('an Expect that is not 100-continue is refused, 100-continue is answered at once', async () => {
  await using dyno = await startDyno((incoming, response) => {
    response.end(String(incoming.headers.expect));
  });
  await using router = await startRouter(snapshotOf([dyno.dyno]));
  assert.equal((await ask(router.port, { headers: { expect: 'miracles' } })).status, 417);
  assert.match(
    (await router.logged(1))[0] ?? '',
    /code=H26 desc="Request Error" cause="unsupported expect header value" .* status=417/,
  );
  const text = await exchangeBytes(
    router.port,
    'POST / HTTP/1.1\r\nHost: shop.test\r\nExpect: 100-continue\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx',
  );
  assert.match(text, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n.*undefined$/s);
});

test('malformed requests are refused and reach no dyno', async () => {
  let reached = 0;
  await using dyno = await startDyno((_incoming, response) => {
    reached++;
    response.end();
  });
  await using router = await startRouter(snapshotOf([dyno.dyno]));
  const end = 'Connection: close\r\n\r\n';
  for (const [bytes, status] of [
    [`GET / HTTP/1.1\r\nHost: shop.test\r\nHost: shop.test\r\n${end}`, 400],
    [`GET / HTTP/1.1\r\n${end}`, 400],
    [`GET x HTTP/1.1\r\nHost: shop.test\r\n${end}`, 400],
    [`POST / HTTP/1.1\r\nHost: shop.test\r\nContent-Length: 1\r\nContent-Length: 2\r\n${end}`, 400],
    [`GET / HTTP/1.1\r\nHost: shop.test\r\nX: ${'x'.repeat(70_000)}\r\n${end}`, 431],
    [`CONNECT shop.test:80 HTTP/1.1\r\nHost: shop.test\r\n${end}`, 405],
  ] as const) {
    assert.match(await exchangeBytes(router.port, bytes), new RegExp(`^HTTP/1\\.1 ${status} `), bytes.slice(0, 60));
  }
  assert.equal(reached, 0);
});

test('a target in absolute form is cut to its path', async () => {
  await using dyno = await startDyno((incoming, response) => response.end(incoming.url));
  await using router = await startRouter(snapshotOf([dyno.dyno]));
  const text = await exchangeBytes(
    router.port,
    'GET http://shop.test/x?y HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\n\r\n',
  );
  assert.match(text, /\/x\?y/);
});

test('closing lets the request in flight end and takes no further one', async () => {
  const reached = Promise.withResolvers<() => void>();
  await using dyno = await startDyno((_incoming, response) => reached.resolve(() => response.end('done')));
  const router = await startRouter(snapshotOf([dyno.dyno]));
  const agent = new Agent({ keepAlive: true });
  const answer = ask(router.port, { agent });
  const answerNow = await reached.promise;
  const closed = router.router.close();
  await assert.rejects(once(connect(router.port, '127.0.0.1'), 'connect'));
  answerNow();
  const { body, headers } = await answer;
  assert.equal(body, 'done');
  assert.equal(headers.connection, 'close');
  await closed;
  agent.destroy();
});

test('a kept connection that is idle while the router closes may still send a request, and is told to close', async () => {
  await using dyno = await startDyno((_incoming, response) => response.end('ok'));
  const router = await startRouter([dyno.dyno], { timeouts: { graceMs: 60_000, closeMs: 60_000 } });
  const socket = connect(router.port, '127.0.0.1');
  const send = (): void => void socket.write('GET / HTTP/1.1\r\nHost: shop.test\r\n\r\n');
  send();
  assert.match(String((await once(socket, 'data'))[0]), /Connection: keep-alive\r\n/);
  const closed = router.router.close();
  send();
  assert.match(String((await once(socket, 'data'))[0]), /Connection: close\r\n/);
  await once(socket, 'end');
  socket.end();
  await closed;
});

test('requests that outlast the time for closing are cut off: H24', async () => {
  await using dyno = await startDyno(() => undefined);
  const router = await startRouter([dyno.dyno], { timeouts: { closeMs: 20 } });
  const lost = assert.rejects(ask(router.port));
  await router.underWay(1);
  await router.router.close();
  await lost;
  assert.match(router.lines[0] ?? '', /^at=error code=H24 desc="Forced close" .* status=503/);
});
