import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { test } from 'node:test';
import { snapshotOf, startDyno, startRouter } from '../router.fixture.ts';
import { codeOf, data, FrameClient, frame, request, settings, windowUpdate } from './client.fixture.ts';
import { errorCode, flag, frameType, setting } from './protocol.data.ts';
import { firstUploadBytes } from './upload-window.ts';

const tlsFor = ['shop.test'];
const lengthOf2 = [0x0f, 0x0d, 1, '2'.charCodeAt(0)];
/** Requests that a client may have aborted at once, and some for the time that passes. */
const mostAborted = 260;

/** Each makes the router reset the stream, which aborts the request that the dyno has begun. */
const offences: Readonly<Record<string, (stream: number) => readonly Buffer[]>> = {
  'a window that does not grow': (stream) => [request('get', stream), windowUpdate(stream, 0)],
  'DATA behind the end': (stream) => [request('get', stream), data(stream, 'x')],
  'fields behind the end': (stream) => [request('get', stream), request('get', stream)],
  'more than was announced': (stream) => [request('post', stream, lengthOf2), data(stream, 'abc')],
};

for (const [why, offend] of Object.entries(offences)) {
  test(`a client that has its streams reset again and again is cut off: ${why}`, async () => {
    let reached = 0;
    await using dyno = await startDyno(() => undefined);
    dyno.server.on('connection', () => reached++);
    await using router = await startRouter([dyno.dyno], { tlsFor });
    using client = await FrameClient.to(router.port);
    let stream = 1;
    const goAway = client.next(frameType.goAway);
    let isOver = false;
    void goAway.then(() => {
      isOver = true;
    });
    while (!isOver) {
      for (let i = 0; i < 20; i++, stream += 2) client.send(...offend(stream));
      await new Promise(setImmediate);
    }
    assert.equal(codeOf(await goAway), errorCode.enhanceYourCalm);
    assert.ok(reached <= mostAborted, `the dyno was asked ${reached} times`);
  });
}

test('a client that goes on with more streams than it may have is cut off', async () => {
  await using dyno = await startDyno(() => undefined);
  await using router = await startRouter([dyno.dyno], { tlsFor });
  using client = await FrameClient.to(router.port);
  client.send(...Array.from({ length: 1_000 }, (_, i) => request('get', 2 * i + 1)));
  assert.equal(codeOf(await client.next(frameType.goAway)), errorCode.enhanceYourCalm);
});

test('of a client that reads nothing no further request is begun, whatever waits for it', async () => {
  const together = 100;
  const fields = 'v'.repeat(200_000);
  const answered = Promise.withResolvers<void>();
  let reached = 0;
  await using dyno = await startDyno((_incoming, response) => {
    response.writeHead(200, { 'x-large': fields }).end();
    response.once('close', () => {
      if (++reached === together) answered.resolve();
    });
  });
  await using router = await startRouter([dyno.dyno], { tlsFor });
  using client = await FrameClient.to(router.port);
  client.socket.pause();
  const requests = Array.from({ length: 2 * together }, (_, i) => request('head', 2 * i + 1));
  client.send(...requests.slice(0, together));
  await answered.promise;
  await router.logged(together);
  client.send(...requests.slice(together));
  let refused = 0;
  for (let ended = 0; ended < 2 * together; ) {
    const got = await client.next(frameType.headers, frameType.resetStream);
    if (got.type === frameType.resetStream) {
      assert.equal(codeOf(got), errorCode.refusedStream);
      refused++;
    }
    if (got.type === frameType.resetStream || (got.flags & flag.endStream) !== 0) ended++;
  }
  assert.ok(refused > 0);
  assert.equal(reached, 2 * together - refused);
});

test('a connection without requests is closed after a while, though its client goes on pinging', async () => {
  await using router = await startRouter([], { tlsFor, timeouts: { clientIdleMs: 50 } });
  const session = connect(`https://127.0.0.1:${router.port}`, { ca: router.ca ?? [], servername: 'shop.test' });
  session.on('error', () => undefined);
  const ping = (): void => {
    if (!session.destroyed && !session.closed) session.ping(() => setImmediate(ping));
  };
  session.once('connect', ping);
  const [[code]] = await Promise.all([once(session, 'goaway'), once(session, 'close')]);
  assert.equal(code, errorCode.none);
});

test('a short block that stands for megabytes of fields is refused, and the connection goes on', async () => {
  await using dyno = await startDyno((_incoming, response) => response.end());
  await using router = await startRouter([dyno.dyno], { tlsFor });
  using client = await FrameClient.to(router.port);
  const large = [0x40, 1, 'x'.charCodeAt(0), 0x7f, 0xa1, 0x1e, ...Buffer.alloc(4_000, 'v')];
  const again = Buffer.alloc(16_000, 0xbe);
  client.send(
    request('get', 1, large),
    request('get', 3).fill(flag.endStream, 4, 5),
    ...Array.from({ length: 6 }, () => frame(frameType.continuation, 0, 3, again)),
    frame(frameType.continuation, flag.endHeaders, 3, again),
    request('get', 5),
  );
  const statuses = new Map<number, number>();
  while (statuses.size < 3) {
    const { stream, payload } = await client.next(frameType.headers);
    statuses.set(stream, payload[0] === 0x20 ? (payload[1] ?? 0) : (payload[0] ?? 0));
  }
  const ok = 0x88;
  assert.equal(statuses.get(1), ok);
  assert.notEqual(statuses.get(3), ok);
  assert.equal(statuses.get(5), ok);
});

test('a body that no dyno takes stops at its first window', async () => {
  await using router = await startRouter(snapshotOf([], { state: 'booting' }), { tlsFor });
  using client = await FrameClient.to(router.port);
  const frames = Array.from({ length: firstUploadBytes / 16_384 }, () => data(1, Buffer.alloc(16_384)));
  client.send(request('post', 1), ...frames, frame(frameType.ping, 0, 0, Buffer.alloc(8)));
  const answer = await client.next(frameType.resetStream, frameType.goAway, frameType.ping);
  assert.equal(answer.type, frameType.ping);
  client.send(data(1, 'x'));
  assert.equal(codeOf(await client.next(frameType.resetStream)), errorCode.flowControl);
});

test('a body that comes byte by byte and has to wait arrives whole', async () => {
  let got = '';
  const arrived = Promise.withResolvers<void>();
  await using dyno = await startDyno((incoming, response) => {
    incoming.setEncoding('latin1').on('data', (text: string) => {
      got += text;
    });
    incoming.on('end', () => {
      response.end();
      arrived.resolve();
    });
  });
  await using router = await startRouter(snapshotOf([], { state: 'booting' }), { tlsFor });
  using client = await FrameClient.to(router.port);
  const text = Array.from({ length: 20_000 }, (_, i) => String.fromCharCode(0x21 + (i % 90))).join('');
  client.send(request('post', 1), ...[...text].map((byte) => data(1, byte)));
  client.send(frame(frameType.ping, 0, 0, Buffer.alloc(8)));
  await client.next(frameType.ping);
  router.table.apply(snapshotOf([dyno.dyno]));
  client.send(data(1, 'z', true));
  await arrived.promise;
  assert.equal(got, `${text}z`);
});

test('the end of an answer needs no window, not even one that was taken back', async () => {
  const ends: (() => void)[] = [];
  await using dyno = await startDyno((_incoming, response) => {
    response.write('0123456789');
    ends.push(() => response.end());
  });
  await using router = await startRouter([dyno.dyno], { tlsFor });
  using client = await FrameClient.to(router.port, settings([setting.initialWindowSize, 10]));
  client.send(request('get', 1));
  assert.equal((await client.next(frameType.data)).payload.length, 10);
  client.send(settings([setting.initialWindowSize, 0]), frame(frameType.ping, 0, 0, Buffer.alloc(8)));
  await client.next(frameType.ping);
  for (const end of ends) end();
  const last = await client.next(frameType.data);
  assert.deepEqual([last.payload.length, last.flags], [0, flag.endStream]);
});
