import assert from 'node:assert/strict';
import { Agent, createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createRawServer } from 'node:net';
import { test } from 'node:test';
import { ask, close, listen, routedDyno, snapshotOf, startDyno, startRouter } from './router.fixture.ts';

/** A port that nobody listens on. */
const deadPort = async (): Promise<number> => {
  const server = createServer();
  const port = await listen(server);
  await close(server);
  return port;
};

test('a request goes to the dyno with the fewest requests in flight', async () => {
  const held = Promise.withResolvers<ServerResponse>();
  const answerAs = (name: string) => (incoming: IncomingMessage, response: ServerResponse) => {
    if (incoming.url === '/hold') held.resolve(response);
    else response.end(name);
  };
  await using one = await startDyno(answerAs('web.1'), 'web.1');
  await using two = await startDyno(answerAs('web.2'), 'web.2');
  await using router = await startRouter(snapshotOf([one.dyno, two.dyno]));
  const first = ask(router.port, { path: '/hold' });
  const response = await held.promise;
  const bodies = new Set<string>();
  for (let i = 0; i < 5; i++) bodies.add((await ask(router.port)).body);
  response.end('held');
  assert.equal((await first).body, 'held');
  assert.equal(bodies.size, 1);
  assert.match((await router.logged(6)).at(-1) ?? '', bodies.has('web.1') ? /dyno=web\.2 / : /dyno=web\.1 /);
});

test('requests that find all dynos idle are spread over them', async () => {
  await using one = await startDyno((_incoming, response) => response.end('web.1'), 'web.1');
  await using two = await startDyno((_incoming, response) => response.end('web.2'), 'web.2');
  await using router = await startRouter(snapshotOf([one.dyno, two.dyno]));
  const seen = new Set<string>();
  while (seen.size < 2) seen.add((await ask(router.port)).body);
});

test('a dyno that refuses is left alone while another is up, and the request succeeds there, body and all', async () => {
  const dead = routedDyno(await deadPort(), 'web.1');
  await using up = await startDyno((incoming, response) => incoming.pipe(response), 'web.2');
  await using router = await startRouter(snapshotOf([dead, up.dyno]));
  for (let i = 0; i < 5; i++) {
    assert.equal((await ask(router.port, { method: 'POST', body: `body ${i}` })).body, `body ${i}`);
  }
  for (const line of await router.logged(5)) assert.match(line, /^at=info .* dyno=web\.2 .* status=200/);
});

test('while every dyno refuses, requests wait, and are served as soon as one is back', async () => {
  const port = await deadPort();
  await using router = await startRouter(snapshotOf([routedDyno(port)]));
  const answers = Array.from({ length: 20 }, (_, i) => ask(router.port, { method: 'POST', body: String(i) }));
  await router.underWay(1);
  const server = createServer((incoming, response) => incoming.pipe(response));
  await listen(server, port);
  assert.deepEqual(
    (await Promise.all(answers)).map(({ body }) => body),
    answers.map((_, i) => String(i)),
  );
  await close(server);
});

test('when every dyno refuses for too long, the request fails with H34', async () => {
  await using router = await startRouter(snapshotOf([routedDyno(await deadPort())]), { timeouts: { refusedMs: 50 } });
  assert.equal((await ask(router.port)).status, 503);
  assert.match((await router.logged(1))[0] ?? '', /code=H34 desc="All up dynos are quarantined"/);
});

test('after ten refusals by ten dynos the request fails with H21', async () => {
  const port = await deadPort();
  const dynos = Array.from({ length: 12 }, (_, i) => routedDyno(port, `web.${i}`));
  await using router = await startRouter(snapshotOf(dynos));
  assert.equal((await ask(router.port)).status, 503);
  assert.match((await router.logged(1))[0] ?? '', /code=H21 desc="Backend connection refused"/);
});

test('a kept connection that the dyno closes costs no GET, and a POST is never sent twice', async () => {
  const seen: string[] = [];
  // Each connection answers one request and dies without a word at the second.
  const server = createRawServer((socket) => {
    let requests = 0;
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      requests++;
      seen.push(bytes.toString('latin1').slice(0, 4));
      if (requests > 1) socket.resetAndDestroy();
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfine');
    });
  });
  await using router = await startRouter(snapshotOf([routedDyno(await listen(server))]));
  for (let i = 0; i < 21; i++) assert.equal((await ask(router.port)).body, 'fine');
  // The first one opened a connection; each further one met a kept connection that died, and was sent again on another.
  assert.equal(seen.length, 41);
  // Without a body that could come in a segment of its own.
  assert.equal((await ask(router.port, { method: 'POST', headers: { 'content-length': '0' } })).status, 503);
  assert.match((await router.logged(22))[21] ?? '', /code=H13/);
  assert.equal(seen.filter((method) => method === 'POST').length, 1);
  await close(server);
});

test('snapshots that swap dynos under load fail no request, and a dyno is busy until its last answer', async () => {
  const hold = Promise.withResolvers<ServerResponse>();
  await using old = await startDyno((incoming, response) => {
    if (incoming.url === '/hold') hold.resolve(response);
    else response.end('old');
  }, 'web.1');
  await using fresh = await startDyno((_incoming, response) => response.end('new'), 'web.1');
  await using router = await startRouter(snapshotOf([old.dyno]));
  const held = ask(router.port, { path: '/hold' });
  const heldResponse = await hold.promise;
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  let loading = true;
  const bodies: string[] = [];
  const clients = Array.from({ length: 4 }, async () => {
    while (loading) {
      const { status, body } = await ask(router.port, { agent });
      assert.equal(status, 200);
      bodies.push(body);
    }
  });
  for (let i = 0; i < 30; i++) {
    router.table.apply(snapshotOf([i % 2 ? old.dyno : fresh.dyno]));
    await ask(router.port, { agent });
  }
  router.table.apply(snapshotOf([fresh.dyno]));
  const freed = new Promise<void>((resolve) => {
    router.table.onFreed = () => {
      if (router.table.busy().length === 0) resolve();
    };
  });
  assert.deepEqual(router.table.busy(), [old.dyno.id]);
  loading = false;
  await Promise.all(clients);
  assert.ok(bodies.includes('old') && bodies.includes('new'));
  assert.deepEqual(router.table.busy(), [old.dyno.id]);
  heldResponse.end('held');
  assert.equal((await held).body, 'held');
  await freed;
  agent.destroy();
});

test('a dyno that dies under GET load beside another costs at most the requests it had', async () => {
  await using one = await startDyno((_incoming, response) => setTimeout(() => response.end('1'), 2), 'web.1');
  await using two = await startDyno((_incoming, response) => setTimeout(() => response.end('2'), 2), 'web.2');
  await using router = await startRouter(snapshotOf([one.dyno, two.dyno]));
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  let loading = true;
  let failures = 0;
  let successes = 0;
  const clients = Array.from({ length: 8 }, async () => {
    while (loading) {
      if ((await ask(router.port, { agent })).status === 200) successes++;
      else failures++;
    }
  });
  while (successes < 100) await new Promise(setImmediate);
  const before = successes;
  await close(one.server);
  while (successes < before + 200) await new Promise(setImmediate);
  loading = false;
  await Promise.all(clients);
  agent.destroy();
  assert.ok(failures <= 4, `${failures} requests failed`);
});
