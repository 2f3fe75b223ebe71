import type { Exchange } from '../exchange.ts';
import { viaOf } from '../visitor-lines.ts';
import type { RequestHead } from './request-head.ts';

const framing = ({ method, bodyBytes, upgrade }: RequestHead): string => {
  if (upgrade !== undefined) return `Connection: Upgrade\r\nUpgrade: ${upgrade}\r\n\r\n`;
  if (bodyBytes < 0) return 'Transfer-Encoding: chunked\r\n\r\n';
  // Some servers take a POST without a length for one whose body never ends.
  return bodyBytes > 0 || (method !== 'GET' && method !== 'HEAD') ? `Content-Length: ${bodyBytes}\r\n\r\n` : '\r\n';
};

const wayOf = ({ visitor, forwardedFor }: Exchange, { forwardedFor: theirs, via }: RequestHead): string => {
  if (theirs === '' && via === '') return visitor.lines.fields;
  const before = via ? `${via}, ` : '';
  return `X-Forwarded-For: ${forwardedFor}\r\n${visitor.lines.origin}Via: ${before}${viaOf(visitor.protocol)}\r\n`;
};

/** What two features of an app ask of its dynos. */
const wishes = ({ app }: Exchange, { expectsContinue, bodyBytes, upgrade }: RequestHead): string =>
  (expectsContinue && bodyBytes !== 0 && app?.endToEndContinue ? 'Expect: 100-continue\r\n' : '') +
  (app?.noDynoKeepAlive && upgrade === undefined ? 'Connection: close\r\n' : '');

/** The head that a dyno gets, in latin1. @see Dev Center "HTTP Routing", "Heroku headers" */
export const requestText = (exchange: Exchange, head: RequestHead): string =>
  `${head.method} ${head.path} HTTP/1.1\r\n${head.hostAndFields}X-Request-Id: ${exchange.requestId}\r\n` +
  `${wayOf(exchange, head)}X-Request-Start: ${exchange.startedAtMs}\r\n${wishes(exchange, head)}${framing(head)}`;
