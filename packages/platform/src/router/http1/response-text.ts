import type { ResponseHead } from './response-head.ts';

/** How the body of an answer ends for its client. */
export type Framing = 'chunked' | 'length' | 'none' | 'until close';

/** What a client gets of a response's framing: a client of HTTP/1.0 knows no chunks (RFC 9112 section 6.1). */
export const framingFor = (head: ResponseHead, method: string, minorVersion: 0 | 1): Framing => {
  if (head.status === 204 || head.status === 304 || method === 'HEAD') return 'none';
  if (head.chunked) return minorVersion === 1 ? 'chunked' : 'until close';
  return head.lengthBytes === undefined ? 'until close' : 'length';
};

const lengthField = ({ status, chunked, lengthBytes }: ResponseHead, framing: Framing): string => {
  if (framing === 'chunked') return 'Transfer-Encoding: chunked\r\n';
  if (lengthBytes === undefined || chunked || status === 204 || status < 200) return '';
  return `Content-Length: ${lengthBytes}\r\n`;
};

const viaField = (via: string): string => (via ? `Via: ${via}, 1.1 ravine\r\n` : 'Via: 1.1 ravine\r\n');

/** The head of an answer for a client of HTTP/1.1, in latin1. `extraFields` are whole lines. */
export const responseText = (
  head: ResponseHead,
  framing: Framing,
  extraFields: string,
  connection: 'close' | 'keep-alive',
): string =>
  `HTTP/1.1 ${head.status} ${head.reason}\r\n${head.fields}${extraFields}${lengthField(head, framing)}` +
  `${viaField(head.via)}${head.hasServer ? '' : 'Server: ravine\r\n'}` +
  `Connection: ${connection}\r\n\r\n`;

/** The same where nothing is added and the connection is kept; a response that is repeated to the byte has it already. */
export const usualText = (head: ResponseHead, framing: 'chunked' | 'length'): string => {
  head.usualText ??= responseText(head, framing, '', 'keep-alive');
  return head.usualText;
};

/** A head that comes before the final one, without what concerns the connection. */
export const interimText = (head: ResponseHead): string =>
  `HTTP/1.1 ${head.status} ${head.reason}\r\n${head.fields}${viaField(head.via)}\r\n`;

export const switchText = (head: ResponseHead): string =>
  `HTTP/1.1 101 ${head.reason}\r\n${head.fields}${viaField(head.via)}${head.hasServer ? '' : 'Server: ravine\r\n'}` +
  `Connection: Upgrade\r\nUpgrade: ${head.upgrade ?? ''}\r\n\r\n`;
