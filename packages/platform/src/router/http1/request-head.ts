import { areFieldLines, exceedsLimits, isBeyondRepair, isTokenText, limits } from './field-syntax.ts';
import {
  badHeader,
  hostSyntax,
  type Refusal,
  type RequestFields,
  readRequestFields,
  refusal,
} from './request-fields.ts';

export type { Refusal } from './request-fields.ts';

/** The head of a request, judged and taken apart. */
export interface RequestHead extends RequestFields {
  readonly kind: 'head';
  readonly method: string;
  /** Path and query, or `*`. */
  readonly path: string;
  readonly minorVersion: 0 | 1;
  /** Bytes of the head, the empty line included. */
  readonly bytes: number;
}

const badRequest = refusal(400, 'bad request');
const badLine = refusal(400, 'bad request line');
const badTarget = refusal(400, 'bad request target');
const longLine = refusal(414, 'request line too long');
const largeHeader = refusal(431, 'header too large');

/** No control byte at all, a tab neither. */
const lineBytes = /^[\x20-\x7e\x80-\xff]*$/;
const absoluteForm = /^https?:\/\/([^/?]*)(.*)$/is;

/**
 * What a connection's last request said in its fields. Clients repeat most of them to the byte, request after request,
 * and what is equal to the byte needs to be judged only once.
 */
export class FieldMemory {
  /** The field lines with the empty line behind them. */
  block = '';
  minorVersion: 0 | 1 = 1;
  fields: RequestFields | undefined;
}

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

const headOf = (
  { method, target, minorVersion }: RequestLine,
  seen: RequestFields,
  bytes: number,
): RequestHead | Refusal => {
  const path = pathOf(target, method, seen.host);
  if (typeof path === 'object') return path;
  return {
    kind: 'head',
    method,
    path,
    minorVersion,
    host: seen.host,
    hostName: seen.hostName,
    fields: seen.fields,
    hostAndFields: seen.hostAndFields,
    bodyBytes: seen.bodyBytes,
    keepAlive: seen.keepAlive,
    upgrade: seen.upgrade,
    expectsContinue: seen.expectsContinue,
    requestId: seen.requestId,
    forwardedFor: seen.forwardedFor,
    via: seen.via,
    bytes,
  };
};

/** Reads a whole head. `start` is where its request line begins, `end` where its empty line does. */
const readHead = (text: string, start: number, end: number, memory: FieldMemory | undefined): RequestHead | Refusal => {
  const head = start === 0 && end === text.length ? text : text.slice(start, end);
  const lineEnd = head.indexOf('\r\n');
  const line = readLine(head, lineEnd);
  if ('kind' in line) return line;
  const from = lineEnd + 2;
  if (!areFieldLines(head, from)) return badHeader;
  if (exceedsLimits(head, from)) return largeHeader;
  const seen = readRequestFields(head, from, line.minorVersion);
  if ('kind' in seen) return seen;
  if (memory) {
    memory.block = text.slice(start + from, end + 2);
    memory.minorVersion = line.minorVersion;
    memory.fields = seen;
  }
  return headOf(line, seen, end + 2);
};

/** Reads a head whose fields are those of the head before; undefined when they aren't. */
const readRepeated = (text: string, start: number, { block, fields, minorVersion }: FieldMemory) => {
  const lineEnd = text.indexOf('\r\n', start);
  const end = lineEnd + 2 + block.length;
  // Comparing a slice takes a fraction of what startsWith takes.
  if (!fields || lineEnd < 0 || text.slice(lineEnd + 2, end) !== block) return undefined;
  if (end - start > limits.requestHeadBytes) return largeHeader;
  const line = readLine(start === 0 ? text : text.slice(start), lineEnd - start);
  if ('kind' in line) return line;
  return line.minorVersion === minorVersion ? headOf(line, fields, end) : undefined;
};

/**
 * Reads the head of a request from what has come so far. Anything that two recipients could read in two ways is refused.
 *
 * @param text bytes as latin1
 * @param searched so much of `text` was seen by an earlier call, which returned undefined
 * @param memory of the connection that it came on
 * @returns undefined while the head isn't whole
 * @see RFC 9112 sections 2, 3, 5 and 6
 */
export const parseRequestHead = (
  text: string,
  searched = 0,
  memory?: FieldMemory,
): RequestHead | Refusal | undefined => {
  let start = 0;
  while (text.charCodeAt(start) === 0x0d && text.charCodeAt(start + 1) === 0x0a) start += 2;
  if (start > 2 * limits.leadingEmptyLines) return badRequest;
  const repeated = memory?.fields && readRepeated(text, start, memory);
  if (repeated) return repeated;
  const end = text.indexOf('\r\n\r\n', Math.max(start, searched - 3));
  if (end >= 0) return end - start > limits.requestHeadBytes ? largeHeader : readHead(text, start, end + 2, memory);
  if (isBeyondRepair(text, searched)) return badRequest;
  return text.length > limits.requestHeadBytes ? largeHeader : undefined;
};

/** The only Host of a head that was refused, for the log; undefined when that isn't clear, or it is no host name. */
export const hostOfRefused = (text: string): string | undefined => {
  const end = text.indexOf('\r\n\r\n');
  const head = end < 0 ? text : text.slice(0, end + 2);
  const hosts = [...head.matchAll(/\r\nhost:[ \t]*([^\r\n]*?)[ \t]*(?=\r\n)/gi)];
  const [, host = ''] = hosts.length === 1 ? (hosts[0] ?? []) : [];
  // Whatever else is in there could forge a line of the app that its beginning names.
  return hostSyntax.test(host) ? host : undefined;
};
