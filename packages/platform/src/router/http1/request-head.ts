import {
  areFieldLines,
  connectionOptions,
  FieldFinder,
  isBeyondRepair,
  isTokenText,
  limits,
  measureLines,
  parseLength,
  trimmed,
  withoutFields,
} from './field-syntax.ts';

/** The head of a request, judged and taken apart. */
export interface RequestHead {
  readonly kind: 'head';
  readonly method: string;
  /** Path and query, or `*`. */
  readonly path: string;
  readonly minorVersion: 0 | 1;
  /** As the client wrote it. */
  readonly host: string;
  /** Lines that the dyno gets as they came, each with its CRLF. */
  readonly fields: string;
  /** Bytes of the body; -1 when it is chunked. */
  readonly bodyBytes: number;
  readonly keepAlive: boolean;
  /** The protocol that the client wants to switch to. */
  readonly upgrade: string | undefined;
  readonly expectsContinue: boolean;
  readonly requestId: string | undefined;
  readonly forwardedFor: string;
  readonly via: string;
  /** Bytes of the head, the empty line included. */
  readonly bytes: number;
}

/** A request that is answered with an error and the end of its connection. */
export interface Refusal {
  readonly kind: 'refusal';
  readonly status: 400 | 405 | 414 | 417 | 431 | 501 | 505;
  readonly cause: string;
}

const refusal = (status: Refusal['status'], cause: string): Refusal => ({ kind: 'refusal', status, cause });
const badRequest = refusal(400, 'bad request');
const badHeader = refusal(400, 'bad header');
const badLine = refusal(400, 'bad request line');
const badTarget = refusal(400, 'bad request target');
const longLine = refusal(414, 'request line too long');
const largeHeader = refusal(431, 'header too large');

/** Hop-by-hop fields (RFC 9110 section 7.6.1) and those that the router answers or writes itself. */
const ownFields = new FieldFinder([
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
  'via',
  'x-forwarded-for',
  'x-forwarded-port',
  'x-forwarded-proto',
  'x-request-id',
  'x-request-start',
]);
const hostSyntax = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{0,5})?$/i;
/** No control byte at all, a tab neither. */
const lineBytes = /^[\x20-\x7e\x80-\xff]*$/;
const absoluteForm = /^https?:\/\/([^/?]*)(.*)$/is;

/** What the fields of one head have said so far. */
class Fields {
  host: string | undefined;
  lengthBytes: number | undefined;
  chunked = false;
  options: readonly string[] = [];
  upgrade: string | undefined;
  expectsContinue = false;
  requestId: string | undefined;
  forwardedFor = '';
  via = '';
  readonly #minorVersion: number;

  constructor(minorVersion: number) {
    this.#minorVersion = minorVersion;
  }

  /** Takes one field that isn't handed on as it is. @returns why the request is refused, if it is. */
  take(name: string, value: string): Refusal | undefined {
    switch (name) {
      case 'host':
        if (this.host !== undefined || !hostSyntax.test(value)) return badHeader;
        this.host = value;
        return undefined;
      case 'content-length':
        return this.#takeLength(value);
      case 'transfer-encoding':
        return this.#takeEncoding(value);
      case 'connection':
        return this.#takeConnection(value);
      case 'upgrade':
        this.upgrade = this.upgrade === undefined ? value : `${this.upgrade}, ${value}`;
        return undefined;
      case 'expect':
        if (value.toLowerCase() !== '100-continue') return refusal(417, 'unsupported expect header value');
        this.expectsContinue = true;
        return undefined;
      case 'x-request-id':
        this.requestId = value;
        return undefined;
      case 'x-forwarded-for':
        this.forwardedFor = this.forwardedFor ? `${this.forwardedFor}, ${value}` : value;
        return undefined;
      case 'via':
        this.via = this.via ? `${this.via}, ${value}` : value;
        return undefined;
      default:
        return undefined;
    }
  }

  #takeLength(value: string): Refusal | undefined {
    const length = parseLength(value);
    if (length === undefined || (this.lengthBytes !== undefined && this.lengthBytes !== length)) return badHeader;
    this.lengthBytes = length;
    return undefined;
  }

  #takeEncoding(value: string): Refusal | undefined {
    const encoding = value.toLowerCase();
    if (encoding === 'gzip, chunked' || encoding === 'gzip,chunked') return refusal(501, 'unknown transfer encoding');
    if (encoding !== 'chunked' || this.chunked || this.#minorVersion === 0) return badHeader;
    this.chunked = true;
    return undefined;
  }

  #takeConnection(value: string): Refusal | undefined {
    const options = value === 'keep-alive' ? keepAliveOnly : connectionOptions(value);
    if (!options) return badHeader;
    this.options = this.options.length === 0 ? options : [...this.options, ...options];
    return undefined;
  }
}

const keepAliveOnly: readonly string[] = ['keep-alive'];
const commonOptions = new Set(['close', 'keep-alive', 'upgrade']);

const versionOf = (text: string): 0 | 1 | Refusal => {
  if (text === 'HTTP/1.1') return 1;
  if (text === 'HTTP/1.0') return 0;
  return /^HTTP\/\d\.\d$/.test(text) ? refusal(505, 'unsupported HTTP version') : badLine;
};

/** Path and query of a target; a target in absolute form must name the same host (RFC 9112 section 3.2). */
const pathOf = (target: string, method: string, host: string): string | Refusal => {
  if (target.charCodeAt(0) === 0x2f) return target.includes('#') ? badTarget : target;
  if (target === '*') return method === 'OPTIONS' ? target : badTarget;
  const [, authority = '', path = ''] = absoluteForm.exec(target) ?? [];
  if (authority === '' || authority.toLowerCase() !== host.toLowerCase() || path.includes('#')) return badTarget;
  return path.startsWith('/') ? path : `/${path}`;
};

interface RequestLine {
  readonly method: string;
  readonly target: string;
  readonly minorVersion: 0 | 1;
}

const readLine = (head: string, lineEnd: number): RequestLine | Refusal => {
  if (lineEnd > limits.lineBytes) return longLine;
  const line = head.slice(0, lineEnd);
  if (!lineBytes.test(line)) return badRequest;
  const afterMethod = line.indexOf(' ');
  const afterTarget = line.indexOf(' ', afterMethod + 1);
  if (afterMethod <= 0 || afterTarget < 0 || afterTarget === afterMethod + 1) return badLine;
  const minorVersion = versionOf(line.slice(afterTarget + 1));
  if (typeof minorVersion === 'object') return minorVersion;
  const method = line.slice(0, afterMethod);
  if ((method !== 'GET' && !isTokenText(method)) || method.length > limits.methodBytes) return badLine;
  if (method === 'CONNECT') return refusal(405, 'CONNECT is not served');
  return { method, target: line.slice(afterMethod + 1, afterTarget), minorVersion };
};

/** A head that is shorter than the limits can't exceed them. */
const exceedsLimits = (head: string, from: number): boolean => {
  if (head.length <= limits.nameBytes) return false;
  const { fields, longest, longestName } = measureLines(head, from);
  return fields > limits.fields || longest > limits.lineBytes || longestName > limits.nameBytes;
};

/** Reads a whole head. `start` is where its request line begins, `end` where its empty line does. */
const readHead = (text: string, start: number, end: number): RequestHead | Refusal => {
  const head = start === 0 && end === text.length ? text : text.slice(start, end);
  const lineEnd = head.indexOf('\r\n');
  const line = readLine(head, lineEnd);
  if ('kind' in line) return line;
  const { method, target, minorVersion } = line;
  if (!areFieldLines(head, lineEnd + 2)) return badHeader;
  if (exceedsLimits(head, lineEnd + 2)) return largeHeader;

  const seen = new Fields(minorVersion);
  const { found } = ownFields;
  let fields = '';
  let keptFrom = lineEnd + 2;
  while (ownFields.next(head, keptFrom - 1)) {
    if (keptFrom < found.from) fields += head.slice(keptFrom, found.from);
    keptFrom = found.to + 2;
    const refused = seen.take(found.name, trimmed(head, found.valueFrom, found.to));
    if (refused) return refused;
  }
  if (keptFrom < head.length) fields += head.slice(keptFrom);

  const { host, options, lengthBytes = 0, chunked } = seen;
  if (host === undefined) return badHeader;
  const path = pathOf(target, method, host);
  if (typeof path === 'object') return path;
  const nominated = options.filter((option) => !commonOptions.has(option));
  const hasBody = chunked || lengthBytes > 0;
  const mayUpgrade = options.includes('upgrade') && !hasBody && minorVersion === 1;
  return {
    kind: 'head',
    method,
    path,
    minorVersion,
    host,
    fields: nominated.length > 0 ? withoutFields(fields, nominated) : fields,
    bodyBytes: chunked ? -1 : lengthBytes,
    // Who sends both lengths may have meant either: nothing after this body is believed.
    keepAlive:
      !options.includes('close') &&
      (minorVersion === 1 || options.includes('keep-alive')) &&
      !(chunked && seen.lengthBytes !== undefined),
    upgrade: mayUpgrade && seen.upgrade && !/^h2c?\b/i.test(seen.upgrade) ? seen.upgrade : undefined,
    expectsContinue: seen.expectsContinue && minorVersion === 1,
    requestId: seen.requestId,
    forwardedFor: nominated.includes('x-forwarded-for') ? '' : seen.forwardedFor,
    via: nominated.includes('via') ? '' : seen.via,
    bytes: end + 2,
  };
};

/**
 * Reads the head of a request from what has come so far. Anything that two recipients could read in two ways is refused.
 *
 * @param text bytes as latin1
 * @param searched so much of `text` was seen by an earlier call, which returned undefined
 * @returns undefined while the head isn't whole
 * @see RFC 9112 sections 2, 3, 5 and 6
 */
export const parseRequestHead = (text: string, searched = 0): RequestHead | Refusal | undefined => {
  let start = 0;
  while (text.charCodeAt(start) === 0x0d && text.charCodeAt(start + 1) === 0x0a) start += 2;
  if (start > 2 * limits.leadingEmptyLines) return badRequest;
  const end = text.indexOf('\r\n\r\n', Math.max(start, searched - 3));
  if (end >= 0) return end - start > limits.requestHeadBytes ? largeHeader : readHead(text, start, end + 2);
  if (isBeyondRepair(text, searched)) return badRequest;
  return text.length > limits.requestHeadBytes ? largeHeader : undefined;
};

/** The only Host of a head that was refused, for the log; undefined when that isn't clear. */
export const hostOfRefused = (text: string): string | undefined => {
  const head = text.split('\r\n\r\n', 1)[0] ?? '';
  const hosts = [...head.matchAll(/\r\nhost:[ \t]*([^\r\n]*?)[ \t]*(?=\r\n|$)/gi)];
  return hosts.length === 1 ? hosts[0]?.[1] : undefined;
};
