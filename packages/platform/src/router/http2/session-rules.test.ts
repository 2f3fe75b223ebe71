import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { connect } from 'node:tls';
import { startDyno, startRouter } from '../router.fixture.ts';
import { clientPreface, errorCode, frameType } from './protocol.data.ts';

const frame = (type: number, flags: number, stream: number, payload: readonly number[] = []): Buffer => {
  const { length } = payload;
  return Buffer.from([length >> 16, length >> 8, length, type, flags, 0, 0, 0, stream, ...payload]);
};

/** GET or POST of `/` for shop.test, from the static table. */
const request = (method: 'get' | 'post', stream: number, more: readonly number[] = []): Buffer => {
  const authority = [...Buffer.from('shop.test')];
  const block = [method === 'get' ? 0x82 : 0x83, 0x87, 0x84, 0x01, authority.length, ...authority, ...more];
  return frame(frameType.headers, method === 'get' ? 0x5 : 0x4, stream, block);
};
const data = (stream: number, text: string, last = false): Buffer =>
  frame(frameType.data, last ? 1 : 0, stream, [...Buffer.from(text)]);
const ping = frame(frameType.ping, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]);
const settings = frame(frameType.settings, 0, 0);
const window = (stream: number, more: readonly number[]): Buffer => frame(frameType.windowUpdate, 0, stream, more);
const most = [0x7f, 0xff, 0xff, 0xff];

/** Says all this at once. @returns the first RST_STREAM or GOAWAY that isn't a polite one, as type and code. */
const answerTo = async (port: number, ...frames: readonly Buffer[]): Promise<readonly [type: number, code: number]> => {
  const socket = connect({
    port,
    host: '127.0.0.1',
    servername: 'shop.test',
    rejectUnauthorized: false,
    ALPNProtocols: ['h2'],
  });
  socket.on('error', () => undefined);
  await once(socket, 'secureConnect');
  socket.write(Buffer.concat([Buffer.from(clientPreface, 'latin1'), settings, ...frames]));
  let rest: Buffer = Buffer.alloc(0);
  try {
    for await (const bytes of socket as AsyncIterable<Buffer>) {
      rest = Buffer.concat([rest, bytes]);
      while (rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
        const end = 9 + rest.readUIntBE(0, 3);
        const type = rest.readUInt8(3);
        const code = rest.readUInt32BE(end - 4);
        rest = rest.subarray(end);
        if (type === frameType.resetStream || type === frameType.goAway) return [type, code];
      }
    }
  } finally {
    socket.destroy();
  }
  return assert.fail('the connection ended without a word');
};

test('what breaks the rules of streams and windows ends the stream, or the connection where RFC 9113 says so', async () => {
  await using dyno = await startDyno((incoming) => void incoming.resume());
  await using router = await startRouter([dyno.dyno], { tlsFor: ['shop.test'] });
  const length = (value: string): number[] => [0x0f, 0x0d, value.length, ...Buffer.from(value)];
  const cases: readonly (readonly [why: string, type: number, code: number, ...frames: readonly Buffer[]])[] = [
    ['a stream of even number', frameType.goAway, errorCode.protocol, request('get', 2)],
    ['DATA of a stream that was never opened', frameType.goAway, errorCode.protocol, data(1, 'x')],
    ['a reset of one', frameType.goAway, errorCode.protocol, frame(frameType.resetStream, 0, 1, [0, 0, 0, 8])],
    ['a window of one', frameType.goAway, errorCode.protocol, window(1, [0, 0, 0, 1])],
    ['a window of the connection that does not grow', frameType.goAway, errorCode.protocol, window(0, [0, 0, 0, 0])],
    ['a window of the connection too large', frameType.goAway, errorCode.flowControl, window(0, most)],
    [
      'a first window too large',
      frameType.goAway,
      errorCode.flowControl,
      frame(frameType.settings, 0, 0, [0, 4, 0xff, 0, 0, 0]),
    ],
    [
      'frames smaller than allowed',
      frameType.goAway,
      errorCode.protocol,
      frame(frameType.settings, 0, 0, [0, 5, 0, 0, 0, 1]),
    ],
    ['ENABLE_PUSH of 2', frameType.goAway, errorCode.protocol, frame(frameType.settings, 0, 0, [0, 2, 0, 0, 0, 2])],
    ['fields that cannot be read', frameType.goAway, errorCode.compression, frame(frameType.headers, 5, 1, [0x80])],
    ['pings without end', frameType.goAway, errorCode.enhanceYourCalm, ...Array<Buffer>(1_100).fill(ping)],
    [
      'empty DATA without end',
      frameType.goAway,
      errorCode.enhanceYourCalm,
      request('post', 1),
      ...Array<Buffer>(1_100).fill(data(1, '')),
    ],
    [
      'a window of a stream that does not grow',
      frameType.resetStream,
      errorCode.protocol,
      request('get', 1),
      window(1, [0, 0, 0, 0]),
    ],
    [
      'a window of a stream too large',
      frameType.resetStream,
      errorCode.flowControl,
      request('get', 1),
      window(1, most),
    ],
    ['DATA behind the end', frameType.resetStream, errorCode.streamClosed, request('get', 1), data(1, 'x')],
    ['fields behind the end', frameType.resetStream, errorCode.streamClosed, request('get', 1), request('get', 1)],
    [
      'more than was announced',
      frameType.resetStream,
      errorCode.protocol,
      request('post', 1, length('2')),
      data(1, 'abc'),
    ],
    [
      'less than was announced',
      frameType.resetStream,
      errorCode.protocol,
      request('post', 1, length('4')),
      data(1, 'abc', true),
    ],
    [
      'trailers that end nothing',
      frameType.resetStream,
      errorCode.protocol,
      request('post', 1),
      frame(frameType.headers, 4, 1, []),
    ],
  ];
  for (const [why, type, code, ...frames] of cases) {
    assert.deepEqual(await answerTo(router.port, ...frames), [type, code], why);
  }
});

test('a request beyond those that one connection may have under way is refused, to be sent again', async () => {
  await using dyno = await startDyno(() => undefined);
  await using router = await startRouter([dyno.dyno], { tlsFor: ['shop.test'] });
  const streams = Array.from({ length: 64 }, (_, i) => 2 * i + 1);
  const wide = (stream: number): Buffer => {
    const bytes = request('get', stream & 0xff);
    bytes.writeUInt32BE(stream, 5);
    return bytes;
  };
  const all = [...streams, ...streams.map((stream) => stream + 128), 257].map(wide);
  assert.deepEqual(await answerTo(router.port, ...all), [frameType.resetStream, errorCode.refusedStream]);
});
