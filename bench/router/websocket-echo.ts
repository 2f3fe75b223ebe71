/** Main of an upstream that answers each WebSocket frame (RFC 6455) with its own payload; tells its port. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const maskBytes = 4;
const headBytes = 2;

const server = createServer((_request, response) => response.end());
server.on('upgrade', (request, socket) => {
  const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}${guid}`).digest('base64');
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
  );
  socket.on('error', () => socket.destroy());
  let rest: Buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= headBytes) {
      const length = (rest[1] ?? 0) & 0x7f;
      const whole = headBytes + maskBytes + length;
      if (rest.length < whole) return;
      const mask = rest.subarray(headBytes, headBytes + maskBytes);
      const answer = Buffer.from([0x82, length, ...rest.subarray(headBytes + maskBytes, whole)]);
      for (let at = 0; at < length; at += 1) answer[headBytes + at]! ^= mask[at % maskBytes] ?? 0;
      socket.write(answer);
      rest = rest.subarray(whole);
    }
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' ? address?.port : undefined);
});
process.on('SIGTERM', () => process.exit(0));
