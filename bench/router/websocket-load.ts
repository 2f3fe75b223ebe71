/** Main of a WebSocket load: each connection sends a frame of 64 bytes, waits for it to come back, and sends again. */
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { echoHost } from './site.ts';

const [port = 0, connections = 0, seconds = 0] = process.argv.slice(2).map(Number);
const payload = randomBytes(64);
const frame = Buffer.concat([Buffer.from([0x82, 0x80 | payload.length, 0, 0, 0, 0]), payload]);
const answer = Buffer.concat([Buffer.from([0x82, payload.length]), payload]);
const counts = { requests: 0, errors: 0 };
let over = false;

const converse = (): void => {
  const socket = connect(port, '127.0.0.1');
  const failed = (): void => {
    if (!over) counts.errors += 1;
  };
  socket.on('error', failed).on('end', failed);
  socket.write(
    `GET / HTTP/1.1\r\nHost: ${echoHost}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
  );
  socket.once('data', (head: Buffer) => {
    if (!head.toString('latin1').startsWith('HTTP/1.1 101 ')) {
      failed();
      socket.destroy();
      return;
    }
    socket.write(frame);
    socket.on('data', (chunk: Buffer) => {
      if (over) return;
      counts.requests += 1;
      if (!chunk.equals(answer)) failed();
      socket.write(frame);
    });
  });
};

for (let n = 0; n < connections; n += 1) converse();
await sleep(seconds * 1000);
over = true;
process.stdout.write(`${JSON.stringify({ ...counts, seconds })}\n`, () => process.exit(0));
