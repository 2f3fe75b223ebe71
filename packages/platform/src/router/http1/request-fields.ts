import { connectionOptions, FieldFinder, parseLength, trimmed, withoutFields } from './field-syntax.ts';

/** What the fields of a request say. */
export interface RequestFields {
  /** As the client wrote it. */
  readonly host: string;
  /** The host in lower case, without its port. */
  readonly hostName: string;
  /** Lines that the dyno gets as they came, each with its CRLF. */
  readonly fields: string;
  /** The same with a Host line before them, in one piece. */
  readonly hostAndFields: string;
  /** Bytes of the body; -1 when it is chunked. */
  readonly bodyBytes: number;
  readonly keepAlive: boolean;
  /** The protocol that the client wants to switch to. */
  readonly upgrade: string | undefined;
  readonly expectsContinue: boolean;
  readonly requestId: string | undefined;
  readonly forwardedFor: string;
  readonly via: string;
}

/** A request that is answered with an error and the end of its connection. */
export interface Refusal {
  readonly kind: 'refusal';
  readonly status: 400 | 405 | 408 | 414 | 417 | 431 | 501 | 505;
  readonly cause: string;
}

export const refusal = (status: Refusal['status'], cause: string): Refusal => ({ kind: 'refusal', status, cause });
export const badHeader = refusal(400, 'bad header');

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
/** A host name, an IP address in brackets or without, and a port. */
export const hostSyntax = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{0,5})?$/i;

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

/** Lower-case host name of a Host field that is well formed, without its port. */
export const hostName = (field: string): string => {
  const lower = field.toLowerCase();
  const colon = lower.lastIndexOf(':');
  return colon < 0 || lower.endsWith(']') ? lower : lower.slice(0, colon);
};

/** Reads the field lines of a head, which have been found to be well formed; they begin at `from`, behind an LF. */
export const readRequestFields = (head: string, from: number, minorVersion: 0 | 1): RequestFields | Refusal => {
  const seen = new Fields(minorVersion);
  const { found } = ownFields;
  let fields = '';
  let keptFrom = from;
  while (ownFields.next(head, keptFrom - 1)) {
    if (keptFrom < found.from) fields += head.slice(keptFrom, found.from);
    keptFrom = found.to + 2;
    const refused = seen.take(found.name, trimmed(head, found.valueFrom, found.to));
    if (refused) return refused;
  }
  if (keptFrom < head.length) fields += head.slice(keptFrom);

  const { host, options, lengthBytes = 0, chunked } = seen;
  if (host === undefined) return badHeader;
  const nominated = options.filter((option) => !commonOptions.has(option));
  const hasBody = chunked || lengthBytes > 0;
  const mayUpgrade = options.includes('upgrade') && !hasBody && minorVersion === 1;
  const kept = nominated.length > 0 ? withoutFields(fields, nominated) : fields;
  return {
    host,
    hostName: hostName(host),
    fields: kept,
    hostAndFields: `Host: ${host}\r\n${kept}`,
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
  };
};
