import { isTokenText } from '../http1/field-syntax.ts';
import type { Field } from './field.ts';

const lineBreak = /[\r\n\0]/;
const upperCase = /[A-Z]/;

/** Fields that concern one connection of HTTP/1.1 only: here they are malformed (RFC 9113 section 8.2.2). */
const ofConnections = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade']);

const isValue = (value: string): boolean =>
  !lineBreak.test(value) && !isBlank(value.charCodeAt(0)) && !isBlank(value.charCodeAt(value.length - 1));

const isBlank = (code: number): boolean => code === 0x20 || code === 0x09;

const isName = (name: string): boolean => isTokenText(name) && !upperCase.test(name);

/** The control data of a request; each may come once, before all other fields. */
class Pseudo {
  method: string | undefined;
  path: string | undefined;
  authority: string | undefined;
  scheme: string | undefined;

  take(name: string, value: string): boolean {
    const key = name.slice(1);
    if (key !== 'method' && key !== 'path' && key !== 'authority' && key !== 'scheme') return false;
    if (this[key] !== undefined) return false;
    this[key] = value;
    return true;
  }
}

/**
 * The head of an HTTP/2 request in the form of HTTP/1.1, so that the one strict parser judges both; undefined when it
 * is malformed, or holds what could not be told apart in that form.
 *
 * @param ended whether nothing follows the head
 * @see RFC 9113 section 8.3
 */
export const requestLines = (fields: readonly Field[], ended: boolean): string | undefined => {
  const pseudo = new Pseudo();
  let host: string | undefined;
  let lines = '';
  let cookies = '';
  let hasLength = false;
  let hasFields = false;
  for (const { name, value } of fields) {
    if (!isValue(value)) return undefined;
    if (name.charCodeAt(0) === 0x3a) {
      if (hasFields || !pseudo.take(name, value)) return undefined;
      continue;
    }
    hasFields = true;
    if (!isName(name) || ofConnections.has(name) || (name === 'te' && value !== 'trailers')) return undefined;
    if (name === 'host') {
      if (host !== undefined) return undefined;
      host = value;
    } else if (name === 'cookie') {
      // Split for the sake of compression; one field elsewhere (RFC 9113 section 8.2.3).
      cookies += cookies === '' ? value : `; ${value}`;
    } else {
      if (name === 'content-length') hasLength = true;
      lines += `${name}: ${value}\r\n`;
    }
  }
  const { method, path, authority, scheme } = pseudo;
  const isConnect = method === 'CONNECT';
  if (!method || (!isConnect && (!path || scheme === undefined))) return undefined;
  if (host !== undefined && authority !== undefined && host !== authority) return undefined;
  if (cookies !== '') lines += `cookie: ${cookies}\r\n`;
  if (!ended && !hasLength) lines += 'transfer-encoding: chunked\r\n';
  return `${method} ${isConnect ? authority : path} HTTP/1.1\r\nhost: ${authority ?? host ?? ''}\r\n${lines}\r\n`;
};

/** Whether fields that follow a body are well formed. */
export const areTrailers = (fields: readonly Field[]): boolean =>
  fields.every(({ name, value }) => isName(name) && isValue(value));
