import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** RFC 6455 section 1.3. */
const suffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

/**
 * The head of the answer that opens a WebSocket, or undefined where the request does not ask for one rightly
 * (RFC 6455 section 4.2.1).
 */
export const openingOf = ({ method, headers }: Pick<IncomingMessage, 'method' | 'headers'>): string | undefined => {
  const key = headers['sec-websocket-key'] ?? '';
  const asked = headers.upgrade?.toLowerCase() === 'websocket' && headers['sec-websocket-version'] === '13';
  if (method !== 'GET' || !asked || Buffer.from(key, 'base64').length !== 16) return undefined;
  const accept = createHash('sha1')
    .update(key + suffix)
    .digest('base64');
  const lines = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
  return `${[...lines, `Sec-WebSocket-Accept: ${accept}`].join('\r\n')}\r\n\r\n`;
};
