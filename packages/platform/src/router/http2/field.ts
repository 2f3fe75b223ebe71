import { isTokenText, limits } from '../http1/field-syntax.ts';

/** What a field costs in the table and in the size of a list, beside its name and value (RFC 7541 section 4.1). */
const fieldOverhead = 32;

/**
 * What a field is to a request. `odd` is all that is not plainly well formed, or rare: the strict parser of HTTP/1.1
 * judges a request that has such a field.
 */
export const role = {
  odd: 0,
  plain: 1,
  dropped: 2,
  method: 3,
  path: 4,
  authority: 5,
  scheme: 6,
  cookie: 7,
  length: 8,
  requestId: 9,
  forwardedFor: 10,
  via: 11,
} as const;

type Role = (typeof role)[keyof typeof role];

/** Names that mean something to the router; all other well-formed ones go to the dyno as they came. */
const roles: ReadonlyMap<string, Role> = new Map([
  [':method', role.method],
  [':path', role.path],
  [':authority', role.authority],
  [':scheme', role.scheme],
  ['cookie', role.cookie],
  ['content-length', role.length],
  ['x-request-id', role.requestId],
  ['x-forwarded-for', role.forwardedFor],
  ['via', role.via],
  ['http2-settings', role.dropped],
  ['proxy-authorization', role.dropped],
  ['te', role.dropped],
  ['x-forwarded-port', role.dropped],
  ['x-forwarded-proto', role.dropped],
  ['x-request-start', role.dropped],
  ['connection', role.odd],
  ['expect', role.odd],
  ['host', role.odd],
  ['keep-alive', role.odd],
  ['proxy-connection', role.odd],
  ['transfer-encoding', role.odd],
  ['upgrade', role.odd],
]);

/** One line and no more, whatever the value is; the name has been looked at. */
const fieldLine = /^[!-~]+: [\t\x20-\x7e\x80-\xff]*\r\n$/;
const path = /^\/[\x21\x22\x24-\x7e\x80-\xff]*$/;
const host = /^[a-z0-9.-]+(?::\d{1,5})?$/i;
const length = /^\d{1,15}$/;
const scheme = /^https?$/;
/** Leaves room for the rest of the request line. */
const mostPathBytes = limits.lineBytes - limits.methodBytes - ' '.length - ' HTTP/1.1'.length;
/** Upper case is forbidden (RFC 9113 section 8.2.1); `_` may be meant as `-`. */
const unusual = /[A-Z_]/;

const roleOfName = (name: string): Role =>
  roles.get(name) ??
  (isTokenText(name) && !unusual.test(name) && name.length <= limits.nameBytes ? role.plain : role.odd);

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;

const isWellFormed = (line: string, value: string): boolean =>
  line.length <= limits.lineBytes + '\r\n'.length &&
  !isBlank(value.charCodeAt(0)) &&
  !isBlank(value.charCodeAt(value.length - 1)) &&
  fieldLine.test(line);

const isUsualMethod = (value: string): boolean =>
  value === 'GET' || (isTokenText(value) && value.length <= limits.methodBytes && value !== 'CONNECT');

/** A field, judged once however often a table refers to it. */
export class Field {
  readonly name: string;
  readonly value: string;
  readonly role: Role;
  /** As a dyno gets it, with its CRLF; only of a plain one. */
  readonly line: string = '';
  /** In the table and in a list. */
  readonly size: number;
  /** What it would be with a usual value. */
  readonly #roleOfName: Role;

  private constructor(name: string, value: string, ofName: Role) {
    this.name = name;
    this.value = value;
    this.size = name.length + value.length + fieldOverhead;
    this.#roleOfName = ofName;
    this.role = role.odd;
    switch (ofName) {
      case role.odd:
        break;
      case role.method:
        if (isUsualMethod(value)) this.role = ofName;
        break;
      case role.path:
        if (value.length <= mostPathBytes && path.test(value)) this.role = ofName;
        break;
      case role.authority:
        if (host.test(value)) this.role = ofName;
        break;
      case role.scheme:
        if (scheme.test(value)) this.role = ofName;
        break;
      case role.length:
        if (length.test(value)) this.role = ofName;
        break;
      default: {
        const line = `${name}: ${value}\r\n`;
        if (!isWellFormed(line, value) || (ofName === role.dropped && name === 'te' && value !== 'trailers')) break;
        this.role = ofName;
        if (ofName === role.plain) this.line = line;
      }
    }
  }

  /** Both are latin1. */
  static of(name: string, value: string): Field {
    return new Field(name, value, roleOfName(name));
  }

  /** One of the same name. */
  withValue(value: string): Field {
    return new Field(this.name, value, this.#roleOfName);
  }
}
