import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionFault, FrameReader, type FrameUser } from './frame-reader.ts';
import { clientPreface, errorCode } from './protocol.data.ts';

const frame = (type: number, flags: number, stream: number, payload: string | Buffer = ''): Buffer => {
  const bytes = Buffer.from(payload as string, 'latin1'); // either is fine for Buffer
  const head = Buffer.alloc(9);
  head.writeUIntBE(bytes.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, bytes]);
};

const start = Buffer.concat([Buffer.from(clientPreface, 'latin1'), frame(4, 0, 0)]);

/** Reads bytes, all at once or one by one. @returns what was heard, or the code of the fault. */
const hear = (bytes: Buffer, oneByOne: boolean): readonly string[] | number => {
  const heard: string[] = [];
  const user: FrameUser = {
    onData: (stream, all, from, to, size, last) =>
      heard.push(`data ${stream} ${all.toString('latin1', from, to)} ${size} ${last}`),
    onHeaders: (stream, all, from, to, last) =>
      heard.push(`headers ${stream} ${all.toString('latin1', from, to)} ${last}`),
    onReset: (stream, code) => heard.push(`reset ${stream} ${code}`),
    onSettings: (_bytes, from, to) => heard.push(`settings ${to - from}`),
    onPing: (all, from, to) => heard.push(`ping ${all.toString('latin1', from, to)}`),
    onWindowUpdate: (stream, more) => heard.push(`window ${stream} ${more}`),
    onNuisance: () => undefined,
  };
  const reader = new FrameReader(user);
  try {
    if (oneByOne) for (let i = 0; i < bytes.length; i++) reader.read(bytes, i, i + 1);
    else reader.read(bytes, 0, bytes.length);
  } catch (fault) {
    assert.ok(fault instanceof ConnectionFault);
    return fault.code;
  }
  return heard;
};

test('frames are read the same whole and byte by byte; padding, priorities and unknown frames are left out', () => {
  const bytes = Buffer.concat([
    start,
    frame(1, 0x4 | 0x8 | 0x20, 1, '\x02\0\0\0\0\x10block--'),
    frame(1, 0, 3, 'one '),
    frame(9, 0, 3, 'two '),
    frame(9, 0x4, 3, 'three'),
    frame(0, 0x8, 1, '\x03abc---'),
    frame(0, 0x1, 1, ''),
    frame(2, 0, 1, '\0\0\0\0\x10'),
    frame(0xfa, 0xff, 7, 'anything'),
    frame(6, 0, 0, '12345678'),
    frame(6, 1, 0, '12345678'),
    frame(8, 0, 1, '\x80\0\0\x05'),
    frame(3, 0, 1, '\0\0\0\x08'),
    frame(4, 1, 0),
    frame(7, 0, 0, '\0\0\0\0\0\0\0\0bye'),
  ]);
  const expected = [
    'settings 0',
    'headers 1 block false',
    'headers 3 one two three false',
    'data 1 abc 7 false',
    'data 1  0 true',
    'ping 12345678',
    'window 1 5',
    'reset 1 8',
  ];
  for (const oneByOne of [false, true]) assert.deepEqual(hear(bytes, oneByOne), expected);
});

test('what RFC 9113 forbids ends the connection with the code that it names', () => {
  const { protocol, frameSize, enhanceYourCalm } = errorCode;
  const forbidden: readonly (readonly [why: string, code: number, ...frames: readonly Buffer[]])[] = [
    ['DATA on stream 0', protocol, frame(0, 0, 0, 'x')],
    ['HEADERS on stream 0', protocol, frame(1, 4, 0)],
    ['PRIORITY on stream 0', protocol, frame(2, 0, 0, '\0\0\0\0\0')],
    ['RST_STREAM on stream 0', protocol, frame(3, 0, 0, '\0\0\0\0')],
    ['SETTINGS on a stream', protocol, frame(4, 0, 1)],
    ['PING on a stream', protocol, frame(6, 0, 1, '12345678')],
    ['GOAWAY on a stream', protocol, frame(7, 0, 1, '12345678')],
    ['PUSH_PROMISE', protocol, frame(5, 4, 1, '\0\0\0\x02')],
    ['CONTINUATION of nothing', protocol, frame(9, 4, 1)],
    ['another frame within a block', protocol, frame(1, 0, 1), frame(6, 0, 0, '12345678')],
    ['another stream within a block', protocol, frame(1, 0, 1), frame(9, 4, 3)],
    ['more padding than payload', protocol, frame(0, 8, 1, '\x04abc')],
    ['a stream that depends on itself', protocol, frame(1, 0x24, 5, '\0\0\0\x05\x10')],
    ['padding without its length', frameSize, frame(0, 8, 1)],
    ['a priority that breaks off', frameSize, frame(1, 0x24, 1, '\0\0')],
    ['PRIORITY of four bytes', frameSize, frame(2, 0, 1, '\0\0\0\0')],
    ['RST_STREAM of five bytes', frameSize, frame(3, 0, 1, '\0\0\0\0\0')],
    ['SETTINGS of five bytes', frameSize, frame(4, 0, 0, '12345')],
    ['SETTINGS that confirm and say something', frameSize, frame(4, 1, 0, '123456')],
    ['PING of seven bytes', frameSize, frame(6, 0, 0, '1234567')],
    ['GOAWAY of seven bytes', frameSize, frame(7, 0, 0, '1234567')],
    ['WINDOW_UPDATE of three bytes', frameSize, frame(8, 0, 0, '123')],
    ['a frame larger than agreed', frameSize, frame(0, 0, 1, 'x'.repeat(16_385))],
    ['a block without end', enhanceYourCalm, frame(1, 0, 1), ...Array.from({ length: 80 }, () => frame(9, 0, 1, 'x'))],
    ['a block too large', enhanceYourCalm, frame(1, 0, 1), ...Array(9).fill(frame(9, 0, 1, 'x'.repeat(16_384)))],
  ];
  for (const [why, code, ...frames] of forbidden) {
    assert.equal(hear(Buffer.concat([start, ...frames]), false), code, why);
  }
  assert.equal(hear(Buffer.from('GET / HTTP/1.1\r\n'), true), protocol);
  assert.equal(
    hear(Buffer.concat([Buffer.from(clientPreface, 'latin1'), frame(6, 0, 0, '12345678')]), false),
    protocol,
  );
  assert.equal(hear(Buffer.concat([Buffer.from(clientPreface, 'latin1'), frame(4, 1, 0)]), false), protocol);
});
