import { METHODS } from 'node:http';
import type { ParsedRequest } from './vector-llhttp.fixture.ts';

/** A difference from llhttp that is meant, and when it may show. */
export interface AllowedDifference {
  readonly why: string;
  readonly holds: (request: ParsedRequest, bytes: string) => boolean;
}

const valuesOf = (request: ParsedRequest, name: string): string[] =>
  request.fields.flatMap(([field, value]) => (field.toLowerCase() === name ? [value] : []));
const tokens = /^[ \t]*[!#$%&'*+.^_`|~0-9A-Za-z-]+([ \t]*,[ \t]*[!#$%&'*+.^_`|~0-9A-Za-z-]+)*[ \t]*$/;

/** What llhttp takes and the router answers itself. */
export const stricter: readonly AllowedDifference[] = [
  {
    why: 'single spaces divide the request line',
    holds: (_, bytes) => /(^|\n|hello)[^\r\n]* {2}[^\r\n]*\r\n/.test(bytes),
  },
  { why: 'a bare LF is no empty line before a request', holds: (_, bytes) => /(^|[^\r])\n[\r\n]*[A-Z]/.test(bytes) },
  {
    why: 'exactly one Host, which is a host name that an app has',
    holds: (request) => {
      const [host = '', ...more] = valuesOf(request, 'host');
      return more.length > 0 || !/^(shop|other)\.test(:\d*)?$/i.test(host);
    },
  },
  {
    why: 'a target is a path, OPTIONS has * as well, and an absolute one names the host by http',
    holds: ({ method, target }) =>
      !(target.startsWith('/') || (target === '*' && method === 'OPTIONS') || /^https?:\/\/[^@]*$/i.test(target)) ||
      target.includes('#'),
  },
  {
    why: 'an absolute target names the same host as Host',
    holds: (request) => {
      const named = /^https?:\/\/([^/?]*)/i.exec(request.target)?.[1]?.toLowerCase();
      return named !== undefined && named !== valuesOf(request, 'host')[0]?.toLowerCase();
    },
  },
  {
    why: 'CONNECT and the preface of HTTP/2 are not served',
    holds: ({ method }) => method === 'CONNECT' || method === 'PRI',
  },
  { why: 'only 1.0 and 1.1 are spoken', holds: ({ version }) => version !== '1.0' && version !== '1.1' },
  {
    why: 'a transfer coding is `chunked` and nothing else, and not in HTTP/1.0',
    holds: (request) => {
      const codings = valuesOf(request, 'transfer-encoding');
      return (
        codings.length > 1 ||
        codings.some((coding) => coding.toLowerCase() !== 'chunked') ||
        (codings.length > 0 && request.version === '1.0')
      );
    },
  },
  {
    why: 'Connection is a list of tokens',
    holds: (request) => valuesOf(request, 'connection').some((value) => !tokens.test(value)),
  },
  {
    why: 'only 100-continue can be expected',
    holds: (request) => valuesOf(request, 'expect').some((value) => value.toLowerCase() !== '100-continue'),
  },
];

/** Errors of llhttp for what the router serves. */
export const looser: readonly (AllowedDifference & { readonly errors: readonly string[] })[] = [
  {
    why: 'bytes above ASCII in a target pass as they came, as browsers and curl have always sent them',
    errors: ['HPE_INVALID_URL'],
    holds: ({ target }) => /[\x80-\xff]/.test(target),
  },
  {
    why: 'any token is a method',
    errors: ['HPE_INVALID_METHOD', 'HPE_INVALID_CONSTANT', 'HPE_INVALID_VERSION'],
    holds: ({ method }) => !METHODS.includes(method),
  },
  {
    why: 'chunked wins over Content-Length, which is not forwarded, and both connections end after it',
    errors: ['HPE_INVALID_TRANSFER_ENCODING', 'HPE_INVALID_CONTENT_LENGTH', 'HPE_UNEXPECTED_CONTENT_LENGTH'],
    holds: (request, bytes) => valuesOf(request, 'transfer-encoding').length > 0 && /\r\ncontent-length:/i.test(bytes),
  },
  {
    why: 'equal lengths are merged',
    errors: ['HPE_UNEXPECTED_CONTENT_LENGTH'],
    holds: (request, bytes) =>
      valuesOf(request, 'content-length').length === 1 && /\r\ncontent-length:.*\r\ncontent-length:/is.test(bytes),
  },
];
