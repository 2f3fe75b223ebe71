import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { Dice } from '../domain/dice.fixture.ts';
import { snapshotOf, startDyno, startRouter } from './router.fixture.ts';

const bodyBytes = 2 * 1024 * 1024;
const clients = 12;

const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** No two blocks alike, so that a stale or doubled piece shows. */
const bodyOf = (number: number): Buffer => {
  const body = Buffer.allocUnsafe(bodyBytes);
  for (let at = 0; at < bodyBytes; at += 4) body.writeUInt32LE(Math.imul(at + 1, 2_654_435_761 + number * 2) >>> 0, at);
  return body;
};

const sendInPieces = async (socket: Socket, body: Buffer, chunked: boolean, dice: Dice): Promise<void> => {
  for (let at = 0; at < body.length && socket.writable; ) {
    const piece = body.subarray(at, at + 1 + dice.below(dice.pick([500, 20_000, 200_000])));
    at += piece.length;
    if (chunked) socket.write(`${piece.length.toString(16)}\r\n`);
    socket.write(piece);
    if (chunked) socket.write('\r\n');
    while (socket.writable && socket.writableLength > 1_000_000) await nextTurn();
  }
  if (chunked) socket.write('0\r\n\r\n');
};

/** Reads everything until the other side ends, with pauses in between when it is slow. */
const readAll = async (socket: Socket, slow: boolean, dice: Dice): Promise<Buffer> => {
  const parts: Buffer[] = [];
  for await (const part of socket) {
    parts.push(part);
    if (slow && dice.chance(0.2)) await sleep(5);
  }
  return Buffer.concat(parts);
};

const withoutChunks = (bytes: Buffer): Buffer => {
  const parts: Buffer[] = [];
  for (let at = 0; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at, 'latin1');
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    assert.ok(size >= 0 && bytes.length >= lineEnd + 4 + size, 'a chunk is cut');
    if (size === 0) return Buffer.concat(parts);
    parts.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 4 + size;
  }
};

test('large bodies pass unharmed in both directions at once, by slow and fast clients, with and without TLS', async () => {
  await using dyno = await startDyno((incoming, response) => {
    const length = incoming.headers['x-answer'] === 'length' ? { 'Content-Length': String(bodyBytes) } : {};
    response.writeHead(200, length);
    incoming.pipe(response);
  });
  await using router = await startRouter(snapshotOf([dyno.dyno]), { tlsFor: ['shop.test'] });
  const play = async (number: number): Promise<void> => {
    const dice = new Dice(number);
    const { port } = router;
    const secure = { port, host: '127.0.0.1', servername: 'shop.test', rejectUnauthorized: false, allowHalfOpen: true };
    const socket = dice.chance(0.4) ? connectTls(secure) : connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const chunked = dice.chance(0.5);
    const framing = chunked ? 'Transfer-Encoding: chunked' : `Content-Length: ${bodyBytes}`;
    const answer = dice.pick(['length', 'chunked']);
    const body = bodyOf(number);
    const reading = readAll(socket, dice.chance(0.4), dice);
    socket.write(
      `POST /${number} HTTP/1.1\r\nHost: shop.test\r\nConnection: close\r\nX-Answer: ${answer}\r\n${framing}\r\n\r\n`,
    );
    await sendInPieces(socket, body, chunked, dice);
    const got = await reading;
    socket.destroy();
    const headEnd = got.indexOf('\r\n\r\n') + 4;
    assert.match(got.toString('latin1', 0, headEnd), /^HTTP\/1\.1 200 /);
    const gotBody = got.subarray(headEnd);
    assert.equal(hashOf(answer === 'length' ? gotBody : withoutChunks(gotBody)), hashOf(body), `client ${number}`);
  };
  await Promise.all(Array.from({ length: clients }, (_, number) => play(number)));
});
