import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startPouringDyno, startRouter } from './router.fixture.ts';
import { Wire } from './vector-wire.fixture.ts';

const request = 'GET /large HTTP/1.1\r\nHost: shop.test\r\n\r\n';

/** Asks, reads the beginning of the answer, and no more. */
const askAndStop = async (port: number): Promise<Wire> => {
  const client = await Wire.to(port);
  client.write(request);
  await client.until(/^HTTP\/1\.1 200 /);
  client.socket.pause();
  return client;
};

test('a client that stops reading while the dyno has more to say is an H28, and the dyno is let go', async () => {
  await using dyno = await startPouringDyno(256 * 1024 * 1024);
  await using router = await startRouter([dyno.dyno], { timeouts: { idleMs: 200 } });
  const closed = new Promise((resolve) => dyno.server.on('connection', (socket) => socket.on('close', resolve)));
  const client = await askAndStop(router.port);
  assert.match(
    (await router.logged(1))[0] ?? '',
    /^sock=client at=warning code=H28 desc="Client Connection Idle" .* dyno=web\.1 .* status=499 bytes=\d+ /,
  );
  await closed;
  client.socket.resume();
  await client.gone;
  assert.ok(client.text.length < 256 * 1024 * 1024);
});
