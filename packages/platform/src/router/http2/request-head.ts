import { limits } from '../http1/field-syntax.ts';
import { hostName } from '../http1/request-fields.ts';
import { parseRequestHead, type Refusal, type RequestHead } from '../http1/request-head.ts';
import { type Field, role } from './field.ts';
import { requestLines } from './request-lines.ts';

const malformed: Refusal = { kind: 'refusal', status: 400, cause: 'bad header' };
const mostCookieBytes = limits.lineBytes - 'cookie: '.length;

/** The head of a request all of whose fields are plainly well formed; undefined when one isn't, or one is missing. */
const plainHead = (fields: readonly Field[], ended: boolean): RequestHead | undefined => {
  let method = '';
  let path = '';
  let host = '';
  let scheme = '';
  let lines = '';
  let cookies = '';
  let forwardedFor = '';
  let via = '';
  let requestId: string | undefined;
  let lengthBytes = -1;
  let pseudoFields = 0;
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i];
    const value = field?.value ?? '';
    switch (field?.role) {
      case role.plain:
        lines += field.line;
        continue;
      case role.dropped:
        continue;
      case role.cookie:
        // Split for the sake of compression; one field elsewhere (RFC 9113 section 8.2.3).
        cookies += cookies === '' ? value : `; ${value}`;
        continue;
      case role.forwardedFor:
        forwardedFor += forwardedFor === '' ? value : `, ${value}`;
        continue;
      case role.via:
        via += via === '' ? value : `, ${value}`;
        continue;
      case role.requestId:
        requestId = value;
        continue;
      case role.length:
        if (lengthBytes >= 0) return undefined;
        lengthBytes = Number(value);
        continue;
      case role.method:
        method = value;
        break;
      case role.path:
        path = value;
        break;
      case role.authority:
        host = value;
        break;
      case role.scheme:
        scheme = value;
        break;
      default:
        return undefined;
    }
    // Each once, before all others (RFC 9113 section 8.3): four that are four in the end were not repeated.
    if (i !== pseudoFields++) return undefined;
  }
  if (pseudoFields !== 4 || !method || !path || !host || !scheme || cookies.length > mostCookieBytes) return undefined;
  const kept = cookies === '' ? lines : `${lines}cookie: ${cookies}\r\n`;
  return {
    kind: 'head',
    method,
    path,
    minorVersion: 1,
    host,
    hostName: hostName(host),
    fields: kept,
    hostAndFields: `Host: ${host}\r\n${kept}`,
    bodyBytes: lengthBytes >= 0 ? lengthBytes : ended ? 0 : -1,
    keepAlive: true,
    upgrade: undefined,
    expectsContinue: false,
    requestId,
    forwardedFor,
    via,
    bytes: 0,
  };
};

/** What became of a request's fields; the text is what a refusal may say of it in a log. */
export interface JudgedHead {
  readonly head: RequestHead | Refusal;
  readonly text: string;
}

/** A body that was announced and does not come. */
const missesBody = (head: RequestHead, ended: boolean): boolean => ended && head.bodyBytes > 0;

/** @param ended whether nothing follows the head */
export const judgeHead = (fields: readonly Field[], ended: boolean): JudgedHead => {
  const plain = plainHead(fields, ended);
  if (plain && !missesBody(plain, ended)) return { head: plain, text: '' };
  const text = requestLines(fields, ended);
  if (text === undefined) return { head: malformed, text: '' };
  const head = parseRequestHead(text) ?? malformed;
  return { head: head.kind === 'head' && missesBody(head, ended) ? malformed : head, text };
};
