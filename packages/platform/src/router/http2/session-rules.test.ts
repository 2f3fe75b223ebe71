import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startDyno, startRouter } from '../router.fixture.ts';
import { codeOf, data, FrameClient, frame, request, settings, windowUpdate } from './client.fixture.ts';
import { errorCode, frameType, mostWindowBytes, setting } from './protocol.data.ts';

const ping = frame(frameType.ping, 0, 0, [1, 2, 3, 4, 5, 6, 7, 8]);

/** Says all this at once. @returns the first RST_STREAM or GOAWAY, as type and code. */
const answerTo = async (port: number, ...frames: readonly Buffer[]): Promise<readonly [type: number, code: number]> => {
  using client = await FrameClient.to(port);
  client.send(...frames);
  const answer = await client.next(frameType.resetStream, frameType.goAway);
  return [answer.type, codeOf(answer)];
};

test('what breaks the rules of streams and windows ends the stream, or the connection where RFC 9113 says so', async () => {
  await using dyno = await startDyno((incoming) => void incoming.resume());
  await using router = await startRouter([dyno.dyno], { tlsFor: ['shop.test'] });
  const length = (value: string): number[] => [0x0f, 0x0d, value.length, ...Buffer.from(value)];
  const cases: readonly (readonly [why: string, type: number, code: number, ...frames: readonly Buffer[]])[] = [
    ['a stream of even number', frameType.goAway, errorCode.protocol, request('get', 2)],
    ['DATA of a stream that was never opened', frameType.goAway, errorCode.protocol, data(1, 'x')],
    ['a reset of one', frameType.goAway, errorCode.protocol, frame(frameType.resetStream, 0, 1, [0, 0, 0, 8])],
    ['a window of one', frameType.goAway, errorCode.protocol, windowUpdate(1, 1)],
    ['a window of the connection that does not grow', frameType.goAway, errorCode.protocol, windowUpdate(0, 0)],
    ['a window of the connection too large', frameType.goAway, errorCode.flowControl, windowUpdate(0, mostWindowBytes)],
    [
      'a first window too large',
      frameType.goAway,
      errorCode.flowControl,
      settings([setting.initialWindowSize, 0xff_00_00_00]),
    ],
    ['frames smaller than allowed', frameType.goAway, errorCode.protocol, settings([setting.maxFrameSize, 1])],
    ['ENABLE_PUSH of 2', frameType.goAway, errorCode.protocol, settings([setting.enablePush, 2])],
    ['fields that cannot be read', frameType.goAway, errorCode.compression, frame(frameType.headers, 5, 1, [0x80])],
    ['pings without end', frameType.goAway, errorCode.enhanceYourCalm, ...Array<Buffer>(1_100).fill(ping)],
    ['settings without end', frameType.goAway, errorCode.enhanceYourCalm, ...Array<Buffer>(1_100).fill(settings())],
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
      windowUpdate(1, 0),
    ],
    [
      'a window of a stream too large',
      frameType.resetStream,
      errorCode.flowControl,
      request('get', 1),
      windowUpdate(1, mostWindowBytes),
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
  const all = Array.from({ length: 129 }, (_, i) => request('get', 2 * i + 1));
  assert.deepEqual(await answerTo(router.port, ...all), [frameType.resetStream, errorCode.refusedStream]);
});
