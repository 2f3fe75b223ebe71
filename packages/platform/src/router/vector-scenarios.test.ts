import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RouterSettings, snapshotOf, startRouter } from './router.fixture.ts';
import { holdsWithin } from './vector-run.fixture.ts';
import { Wire, WireDyno } from './vector-wire.fixture.ts';

const get = (path = '/', more = ''): string => `GET ${path} HTTP/1.1\r\nHost: shop.test\r\n${more}\r\n`;
const post = (more: string, body = ''): string => `POST / HTTP/1.1\r\nHost: shop.test\r\n${more}\r\n${body}`;
const ok = (body = 'ok'): string => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const head = /\r\n\r\n/;

/** What never comes fails it in a while. */
const scenario = (name: string, body: () => Promise<void>): void => void test(name, { timeout: 60_000 }, body);

const play = async (settings: RouterSettings = {}) => {
  const dyno = await WireDyno.start();
  const router = await startRouter(snapshotOf([dyno.routed]), settings);
  const wires: Wire[] = [];
  return {
    dyno,
    router,
    async client(): Promise<Wire> {
      const wire = await Wire.to(router.port);
      wires.push(wire);
      return wire;
    },
    async [Symbol.asyncDispose]() {
      for (const { socket } of wires) socket.destroy();
      const target = router.table.findHost('shop.test')?.targets[0];
      const free = await holdsWithin(10_000, () => target?.load === 0);
      await router.close();
      await dyno[Symbol.asyncDispose]();
      assert.ok(free, `a load of ${target?.load} is left on the dyno`);
    },
  };
};

/** A client's connection and a pooled one to the dyno, both used once and idle. */
const warm = async (stage: Awaited<ReturnType<typeof play>>) => {
  const client = await stage.client();
  client.write(get('/first'));
  const upstream = await stage.dyno.wire(1);
  await upstream.until(head);
  upstream.write(ok('first'));
  await client.until(/first$/);
  await stage.router.logged(1);
  client.text = upstream.text = '';
  return { client, upstream };
};

const upgrade = get('/chat', 'Connection: Upgrade\r\nUpgrade: websocket\r\n');

scenario('a request behind an upgrade waits for its answer and is HTTP when the upgrade is refused', async () => {
  await using stage = await play();
  const client = await stage.client();
  client.write(upgrade + get('/second', 'Connection: close\r\n'));
  const upstream = await stage.dyno.wire(1);
  assert.doesNotMatch(await upstream.until(head), /second/);
  upstream.write(ok('refused'));
  await client.until(/refused/);
  const all = (): string => stage.dyno.wires.map(({ text }) => text).join('');
  assert.ok(await holdsWithin(10_000, () => /GET \/second HTTP\/1\.1\r\n.*\r\n\r\n$/s.test(all())));
  stage.dyno.wires.find(({ text }) => text.includes('/second'))?.write(ok('second'));
  await client.until(/refused.*second$/s);
});

scenario('bytes behind an upgrade go into the tunnel, and those behind the 101 come out of it', async () => {
  await using stage = await play();
  const client = await stage.client();
  client.write(upgrade + get('/not-http'));
  const upstream = await stage.dyno.wire(1);
  await upstream.until(head);
  upstream.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello');
  assert.match(await client.until(/hello$/), /^HTTP\/1\.1 101 .*\r\n\r\nhello$/s);
  assert.ok((await upstream.until(/not-http.*\r\n\r\n$/s)).endsWith(`\r\n\r\n${get('/not-http')}`));
  client.write('\0\xff');
  await upstream.until(/\0\xff$/);
  upstream.end('bye');
  await client.until(/bye$/);
  await client.gone;
});

scenario(
  'an early answer to a large upload is relayed with close, and the rest of the upload reaches no dyno',
  async () => {
    await using stage = await play();
    const client = await stage.client();
    client.write(post(`Content-Length: ${64 * 1024 * 1024}\r\n`, 'x'.repeat(100_000)));
    const upstream = await stage.dyno.wire(1);
    await upstream.until(head);
    upstream.write('HTTP/1.1 413 Too Large\r\nContent-Length: 4\r\n\r\nmuch');
    assert.match(await client.until(/much$/), /^HTTP\/1\.1 413 Too Large\r\n.*connection: close\r\n/is);
    await upstream.gone;
    assert.ok(upstream.text.length < 2 * 1024 * 1024);
  },
);

scenario('a client that ends while its request is under way is an H27, and the dyno is told', async () => {
  await using stage = await play();
  const client = await stage.client();
  client.write(get());
  const upstream = await stage.dyno.wire(1);
  await upstream.until(head);
  client.end();
  await upstream.gone;
  assert.match((await stage.router.logged(1))[0] ?? '', /code=H27/);
});

for (const [name, how] of [
  ['ends', (client: Wire) => client.end()],
  ['aborts', (client: Wire) => client.reset()],
] as const) {
  scenario(`a client that ${name} within its body never looks complete to the dyno`, async () => {
    await using stage = await play();
    for (const [number, framing, body] of [
      [1, 'Content-Length: 10\r\n', 'hello'],
      [2, 'Transfer-Encoding: chunked\r\n', '5\r\nhello\r\n'],
      [3, 'Transfer-Encoding: chunked\r\n', '5\r\nhel'],
      [4, 'Transfer-Encoding: chunked\r\n', '5\r\nhello\r\n0\r\n'],
    ] as const) {
      const client = await stage.client();
      client.write(post(framing, body));
      const upstream = await stage.dyno.wire(number);
      await upstream.until(/\r\n\r\n.*hel/s);
      how(client);
      await upstream.gone;
      assert.doesNotMatch(upstream.text, /\r\n0\r\n\r\n$/);
      assert.match((await stage.router.logged(number))[number - 1] ?? '', /code=H27/);
    }
  });
}

scenario('bytes on an idle kept connection end it, and the next client never sees them', async () => {
  await using stage = await play();
  const { client, upstream } = await warm(stage);
  upstream.write(ok('poison'));
  await upstream.gone;
  client.write(get('/next'));
  const second = await stage.dyno.wire(2);
  await second.until(head);
  second.write(ok('clean'));
  assert.doesNotMatch(await client.until(/clean$/), /poison/);
});

scenario('a POST does not meet a kept connection that the dyno has closed', async () => {
  await using stage = await play();
  const { client, upstream } = await warm(stage);
  upstream.end();
  await upstream.gone;
  client.write(post('Content-Length: 2\r\n', 'hi'));
  const second = await stage.dyno.wire(2);
  await second.until(/hi$/);
  second.write(ok('taken'));
  await client.until(/taken$/);
});

for (const method of ['GET', 'HEAD', 'OPTIONS']) {
  scenario(`a ${method} whose kept connection dies before a byte is repeated once, on another one`, async () => {
    await using stage = await play();
    const { client, upstream } = await warm(stage);
    client.write(get('/again', 'Connection: close\r\n').replace('GET', method));
    await upstream.until(head);
    upstream.reset();
    const second = await stage.dyno.wire(2);
    assert.match(await second.until(head), new RegExp(`^${method} /again HTTP/1\\.1\r\n`));
    second.write(method === 'HEAD' ? ok('').replace(': 0', ': 2') : ok('done'));
    assert.match(await client.until(head), /^HTTP\/1\.1 200 /);
    await client.gone;
  });
}

scenario('a request is repeated no more than once: H13', async () => {
  await using stage = await play();
  const { client, upstream } = await warm(stage);
  client.write(get('/again'));
  await upstream.until(head);
  upstream.end();
  const second = await stage.dyno.wire(2);
  await second.until(head);
  second.end();
  assert.match(await client.until(head), /^HTTP\/1\.1 503 /);
  assert.match((await stage.router.logged(2))[1] ?? '', /code=H13/);
  assert.equal(stage.dyno.wires.length, 2);
});

for (const [name, bytes] of [
  ['a POST', post('Content-Length: 0\r\n')],
  ['a GET with a body', `${get('/', 'Content-Length: 2\r\n')}hi`],
  ['a PUT with a body', post('Content-Length: 2\r\n', 'hi').replace('POST', 'PUT')],
] as const) {
  scenario(`${name} whose kept connection dies before a byte is not repeated: H13`, async () => {
    await using stage = await play();
    const { client, upstream } = await warm(stage);
    client.write(bytes);
    await upstream.until(head);
    upstream.end();
    assert.match(await client.until(head), /^HTTP\/1\.1 503 /);
    assert.match((await stage.router.logged(2))[1] ?? '', /code=H13/);
    assert.equal(stage.dyno.wires.length, 1);
  });
}

scenario('a GET on a connection of its own is not repeated: H13', async () => {
  await using stage = await play();
  const client = await stage.client();
  client.write(get());
  const upstream = await stage.dyno.wire(1);
  await upstream.until(head);
  upstream.end();
  assert.match(await client.until(head), /^HTTP\/1\.1 503 /);
  assert.match((await stage.router.logged(1))[0] ?? '', /code=H13/);
  assert.equal(stage.dyno.wires.length, 1);
});

scenario('a late answer to a client that has gone reaches nobody', async () => {
  await using stage = await play();
  const { client, upstream } = await warm(stage);
  client.write(get('/leaving'));
  await upstream.until(/leaving.*\r\n\r\n$/s);
  client.reset();
  await stage.router.logged(2);
  const other = await stage.client();
  other.write(get('/staying'));
  const second = await stage.dyno.wire(2);
  await second.until(head);
  if (upstream.socket.writable) upstream.write(ok('late'));
  second.write(ok('mine'));
  assert.doesNotMatch(await other.until(/mine$/), /late/);
});

for (const [name, version, answer] of [
  ['chunks to an HTTP/1.0 client', '1.0', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n'],
  ['a body that ends with its connection', '1.1', 'HTTP/1.1 200 OK\r\n\r\nhello'],
] as const) {
  scenario(`${name}, broken off by the dyno, end in an abort and not as if they were whole`, async () => {
    await using stage = await play();
    const client = await stage.client();
    client.write(get().replace('1.1', version));
    const upstream = await stage.dyno.wire(1);
    await upstream.until(head);
    upstream.write(answer);
    await client.until(/hello$/);
    upstream.reset();
    assert.equal(await client.gone, 'reset');
    assert.match((await stage.router.logged(1))[0] ?? '', /code=H18/);
  });
}

scenario('pipelined requests are answered in order, whichever dyno is faster', async () => {
  await using stage = await play();
  await using second = await WireDyno.start('web.2');
  stage.router.table.apply(snapshotOf([stage.dyno.routed, second.routed]));
  const client = await stage.client();
  client.write(get('/1') + get('/2') + get('/3', 'Connection: close\r\n'));
  const answered = new Set<string>();
  const answerAll = (): void => {
    for (const wire of [...stage.dyno.wires, ...second.wires]) {
      for (const [, path = ''] of wire.text.matchAll(/GET (\/\d) /g)) {
        if (answered.has(path)) continue;
        answered.add(path);
        wire.write(ok(`<${path}>`));
      }
    }
  };
  await holdsWithin(10_000, () => {
    answerAll();
    return answered.size === 3;
  });
  assert.match(await client.until(/<\/3>$/), /<\/1>.*<\/2>.*<\/3>$/s);
});

scenario('100 Continue comes before the body is sent, from the router', async () => {
  await using stage = await play();
  const client = await stage.client();
  client.write(post('Expect: 100-continue\r\nContent-Length: 2\r\n'));
  await client.until(/^HTTP\/1\.1 100 Continue\r\n\r\n$/);
  client.write('hi');
  const upstream = await stage.dyno.wire(1);
  assert.doesNotMatch(await upstream.until(/hi$/), /expect/i);
  upstream.write(ok());
  await client.until(/ok$/);
});

scenario('a page reaches a client that is still sending its body', async () => {
  await using stage = await play();
  const client = await stage.client();
  client.write(post('Content-Length: 400000\r\n').replace('shop', 'nowhere'));
  for (let sent = 0; sent < 400_000; sent += 50_000) client.write('x'.repeat(50_000));
  assert.match(await client.until(/<\/html>\n$/), /^HTTP\/1\.1 404 /);
});

scenario('a client that pipelines without end is not read without end', async () => {
  await using stage = await play();
  const client = await stage.client();
  const requests = get('/flood', `X: ${'v'.repeat(8_000)}\r\n`).repeat(4_000);
  client.write(requests);
  const upstream = await stage.dyno.wire(1);
  await upstream.until(head);
  // Kernel buffers fill up first; then nothing moves until the dyno answers.
  let before = -1;
  while (before !== client.socket.bytesWritten - client.socket.writableLength) {
    before = client.socket.bytesWritten - client.socket.writableLength;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.ok(client.socket.writableLength > 0, 'everything was read');
  client.reset();
  upstream.write(ok());
});

scenario('a head has a deadline that its bytes do not move: 408', async () => {
  await using stage = await play({ timeouts: { headMs: 200 } });
  const client = await stage.client();
  client.write('GET / HTTP/1.1\r\nHost: shop.test\r\nX: ');
  const drip = setInterval(() => client.write('v'), 20);
  assert.match(
    await client.until(head).finally(() => clearInterval(drip)),
    /^HTTP\/1\.1 408 .*\r\nconnection: close\r\n/is,
  );
  await client.gone;
  assert.equal(stage.dyno.wires.length, 0);
});

for (const framing of ['Content-Length: 10\r\n', 'Transfer-Encoding: chunked\r\n']) {
  scenario(`a body that stops coming (${framing.trim()}) is an H28 and never looks complete to the dyno`, async () => {
    await using stage = await play({ timeouts: { idleMs: 100 } });
    const client = await stage.client();
    client.write(post(framing, '5\r\nhello'));
    const upstream = await stage.dyno.wire(1);
    await upstream.until(/hello/);
    await Promise.all([client.gone, upstream.gone]);
    assert.doesNotMatch(upstream.text, /\r\n0\r\n\r\n$/);
    assert.match((await stage.router.logged(1))[0] ?? '', /code=H28/);
  });
}

scenario('a client that says nothing more is let go after a while, without a line', async () => {
  await using stage = await play({ timeouts: { clientIdleMs: 100 } });
  const { client } = await warm(stage);
  assert.equal(await client.gone, 'end');
  assert.equal(client.text, '');
  assert.equal(stage.router.lines.length, 1);
});

scenario('an upgrade may be asked for with HEAD', async () => {
  await using stage = await play();
  const client = await stage.client();
  client.write(upgrade.replace('GET', 'HEAD'));
  const upstream = await stage.dyno.wire(1);
  await upstream.until(head);
  upstream.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello');
  await client.until(/^HTTP\/1\.1 101 .*\r\n\r\nhello$/s);
  client.end();
  await upstream.gone;
});

scenario('a client that ends its side behind an answer still gets the rest of it', async () => {
  await using stage = await play();
  // How much the system's buffers take isn't known: larger and larger, until more waits in the router than it lets wait.
  for (let number = 1; ; number++) {
    const client = await stage.client();
    client.socket.pause();
    client.write(get('/', 'Connection: close\r\n'));
    const upstream = await stage.dyno.wire(number);
    await upstream.until(head);
    const bytes = number * 400_000;
    upstream.write(ok('x'.repeat(bytes)).replace('\r\n', '\r\nConnection: close\r\n'));
    const isAnswered = await holdsWithin(300, () => stage.router.lines.length === number);
    client.end();
    await holdsWithin(30, () => false);
    client.socket.resume();
    await client.gone;
    if (!isAnswered) break;
    assert.equal(client.text.length - client.text.indexOf('\r\n\r\n') - 4, bytes);
  }
});
