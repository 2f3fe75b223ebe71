import {
  areFieldLines,
  connectionOptions,
  FieldFinder,
  hasLineBeyond,
  hasTooManyFields,
  isBeyondRepair,
  limits,
  parseLength,
  trimmed,
  withoutFields,
} from './field-syntax.ts';

/** The head of a dyno's response, judged and taken apart. */
export interface ResponseHead {
  readonly kind: 'head';
  readonly status: number;
  readonly reason: string;
  /** Lines that the client gets as they came, each with its CRLF. */
  readonly fields: string;
  readonly lengthBytes: number | undefined;
  readonly chunked: boolean;
  /** Whether the dyno keeps its connection for further requests. */
  readonly keepAlive: boolean;
  /** How long the dyno says it keeps it; undefined when it doesn't say. */
  readonly keepAliveSeconds: number | undefined;
  readonly upgrade: string | undefined;
  readonly via: string;
  readonly hasServer: boolean;
  /** Bytes of the head, the empty line included. */
  readonly bytes: number;
  /** As most clients get it, once it has been written out. */
  usualText?: string;
}

/** A response that can't be passed on: not HTTP (H17), or beyond what the router allows (H25). */
export interface BadResponse {
  readonly kind: 'bad';
  readonly code: 'H17' | 'H25';
  readonly cause?: string;
}

const malformed: BadResponse = { kind: 'bad', code: 'H17' };
const beyond = (cause: string): BadResponse => ({ kind: 'bad', code: 'H25', cause });

const ownFields = new FieldFinder([
  'connection',
  'content-length',
  'keep-alive',
  'proxy-connection',
  'server',
  'te',
  'transfer-encoding',
  'upgrade',
  'via',
]);

const close: readonly string[] = ['close'];
const keepAliveOptions: readonly string[] = ['keep-alive'];
const statusLine = /^HTTP\/1\.[01] \d\d\d [\t\x20-\x7e\x80-\xff]*$/;
const commonOptions = new Set(['close', 'keep-alive', 'upgrade']);

class Fields {
  lengthBytes: number | undefined;
  chunked = false;
  options: readonly string[] = [];
  upgrade: string | undefined;
  via = '';
  keepAliveSeconds: number | undefined;
  hasServer = false;
  readonly #minorVersion: number;

  constructor(minorVersion: number) {
    this.#minorVersion = minorVersion;
  }

  /** Whether the client gets this field as it came, or why the response is refused. */
  take(name: string, value: string): boolean | BadResponse {
    switch (name) {
      case 'server':
        this.hasServer = true;
        return true;
      case 'content-length': {
        const length = parseLength(value);
        if (length === undefined || (this.lengthBytes !== undefined && this.lengthBytes !== length)) {
          return beyond('invalid content length');
        }
        this.lengthBytes = length;
        return false;
      }
      case 'transfer-encoding':
        if (value.toLowerCase() !== 'chunked' || this.chunked || this.#minorVersion === 0) return malformed;
        this.chunked = true;
        return false;
      case 'connection': {
        const options = value === 'keep-alive' ? keepAliveOptions : connectionOptions(value);
        this.options = this.options.length === 0 ? (options ?? close) : [...this.options, ...(options ?? close)];
        return false;
      }
      case 'keep-alive': {
        const seconds = /\btimeout=(\d{1,5})\b/.exec(value)?.[1];
        if (seconds !== undefined) this.keepAliveSeconds = Number(seconds);
        return false;
      }
      case 'upgrade':
        this.upgrade = value;
        return false;
      case 'via':
        this.via = this.via ? `${this.via}, ${value}` : value;
        return false;
      default:
        // A name spelled with `_` is the dyno's own business; the client gets it.
        return name.includes('_');
    }
  }
}

const longCookie = new RegExp(`\\nset-cookie:[^\\r]{${limits.lineBytes - 'set-cookie:'.length + 1}}`, 'i');

/** A head that is shorter than the limits can't exceed them. */
const exceeds = (head: string, from: number): BadResponse | undefined => {
  if (head.length <= limits.fields) return undefined;
  if (longCookie.test(head)) return beyond('oversized cookie');
  return hasTooManyFields(head, from) || hasLineBeyond(head, from, limits.responseLineBytes)
    ? beyond('oversized header')
    : undefined;
};

const readHead = (head: string): ResponseHead | BadResponse => {
  const lineEnd = head.indexOf('\r\n');
  if (lineEnd > limits.lineBytes) return beyond('oversized status line');
  const line = head.slice(0, lineEnd);
  const minorVersion = line.startsWith('HTTP/1.1 ') ? 1 : 0;
  if (!statusLine.test(line) || !areFieldLines(head, lineEnd + 2)) return malformed;
  const status = Number(line.slice(9, 12));
  if (status < 100) return malformed;
  const tooMuch = exceeds(head, lineEnd + 2);
  if (tooMuch) return tooMuch;

  const seen = new Fields(minorVersion);
  const { found } = ownFields;
  let fields = '';
  let keptFrom = lineEnd + 2;
  let at = keptFrom;
  while (ownFields.next(head, at - 1)) {
    at = found.to + 2;
    const kept = seen.take(found.name, trimmed(head, found.valueFrom, found.to));
    if (typeof kept === 'object') return kept;
    if (kept) continue;
    if (keptFrom < found.from) fields += head.slice(keptFrom, found.from);
    keptFrom = at;
  }
  if (keptFrom < head.length) fields += head.slice(keptFrom);
  const { options, chunked, lengthBytes } = seen;
  const nominated = options.filter((option) => !commonOptions.has(option));
  return {
    kind: 'head',
    status,
    reason: line.slice(13),
    fields: nominated.length > 0 ? withoutFields(fields, nominated) : fields,
    lengthBytes,
    chunked,
    keepAlive:
      !options.includes('close') &&
      (minorVersion === 1 || options.includes('keep-alive')) &&
      !(chunked && lengthBytes !== undefined),
    keepAliveSeconds: seen.keepAliveSeconds,
    upgrade: options.includes('upgrade') ? seen.upgrade : undefined,
    via: seen.via,
    hasServer: seen.hasServer,
    bytes: head.length + 2,
  };
};

const start = 'HTTP/1.';

/**
 * Reads the head of a response from what has come so far.
 *
 * @param text bytes as latin1
 * @param searched so much of `text` was seen by an earlier call, which returned undefined
 * @returns undefined while the head isn't whole
 * @see RFC 9112 sections 4 to 6
 */
export const parseResponseHead = (text: string, searched = 0): ResponseHead | BadResponse | undefined => {
  if (!text.startsWith(start.slice(0, text.length))) return malformed;
  const end = text.indexOf('\r\n\r\n', Math.max(0, searched - 3));
  if (end >= 0) return readHead(text.slice(0, end + 2));
  if (text.length > limits.responseHeadBytes) return beyond('oversized header');
  if (text.length > limits.lineBytes + 2 && text.lastIndexOf('\r\n', limits.lineBytes) < 0) {
    return beyond('oversized status line');
  }
  if (isBeyondRepair(text, searched)) return malformed;
  return undefined;
};
