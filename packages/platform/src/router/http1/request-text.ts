import type { Exchange } from '../exchange.ts';
import type { RequestHead } from './request-head.ts';

const framing = ({ method, bodyBytes, upgrade }: RequestHead): string => {
  if (upgrade !== undefined) return `Connection: Upgrade\r\nUpgrade: ${upgrade}\r\n\r\n`;
  if (bodyBytes < 0) return 'Transfer-Encoding: chunked\r\n\r\n';
  // Some servers take a POST without a length for one whose body never ends.
  return bodyBytes > 0 || (method !== 'GET' && method !== 'HEAD') ? `Content-Length: ${bodyBytes}\r\n\r\n` : '\r\n';
};

/** The head that a dyno gets, in latin1. @see Dev Center "HTTP Routing", "Heroku headers" */
export const requestText = (exchange: Exchange, head: RequestHead): string => {
  const { visitor } = exchange;
  return (
    `${head.method} ${head.path} HTTP/1.1\r\nHost: ${head.host}\r\n${head.fields}` +
    `X-Request-Id: ${exchange.requestId}\r\nX-Forwarded-For: ${exchange.forwardedFor}\r\n` +
    `X-Forwarded-Proto: ${visitor.secure ? 'https' : 'http'}\r\nX-Forwarded-Port: ${visitor.port}\r\n` +
    `X-Request-Start: ${exchange.startedAtMs}\r\n` +
    `Via: ${head.via ? `${head.via}, ` : ''}${visitor.protocol === 'http2.0' ? '2.0' : '1.1'} ravine\r\n` +
    framing(head)
  );
};
