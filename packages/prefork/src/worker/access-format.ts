import type { IncomingMessage, ServerResponse } from 'node:http';
import { bytesOf } from './count-bytes.ts';

/** One request that is over. */
export interface Served {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly durationMs: number;
  /** When it ended. */
  readonly at: Date;
}

type Atom = (served: Served) => string | number | undefined;

/** Written by nginx for a client that went away before it got an answer. */
const clientLeft = 499;

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const two = (value: number): string => String(value).padStart(2, '0');
let lastSecond = 0;
let lastTime = '';
/** Written once for all requests of a second. */
const apacheTime = (at: Date): string => {
  const second = Math.floor(at.getTime() / 1_000);
  if (second !== lastSecond) {
    lastSecond = second;
    lastTime = `[${two(at.getUTCDate())}/${months[at.getUTCMonth()]}/${at.getUTCFullYear()}:${at.toISOString().slice(11, 19)} +0000]`;
  }
  return lastTime;
};

/** The first line of a header, by its name in small letters: making `headers` costs more than many apps do. */
const receivedOf = ({ rawHeaders }: IncomingMessage, name: string): string | undefined => {
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const received = rawHeaders[at] ?? '';
    if (received.length === name.length && received.toLowerCase() === name) return rawHeaders[at + 1];
  }
  return undefined;
};

const pathOf = ({ request }: Served): string => request.url?.split('?')[0] ?? '';
const queryOf = ({ request }: Served): string => request.url?.split('?').slice(1).join('?') ?? '';
const protocolOf = ({ request }: Served): string => `HTTP/${request.httpVersion}`;
const statusOf = ({ response }: Served): number => (response.headersSent ? response.statusCode : clientLeft);
const textOf = (header: string | string[] | number | undefined): string | undefined =>
  Array.isArray(header) ? header.join(', ') : header === undefined ? undefined : String(header);

const userOf = ({ request }: Served): string | undefined => {
  const [, encoded] = /^Basic (.+)$/i.exec(receivedOf(request, 'authorization') ?? '') ?? [];
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString().split(':')[0];
};

const atoms: Readonly<Record<string, { readonly doc: string; readonly of: Atom }>> = {
  h: { doc: 'address of the peer', of: ({ request }) => request.socket.remoteAddress },
  l: { doc: '`-`', of: () => undefined },
  u: { doc: 'user of Basic authentication', of: userOf },
  t: { doc: 'time of the end, as Apache writes it', of: ({ at }) => apacheTime(at) },
  r: {
    doc: 'request line',
    of: (served) => `${served.request.method} ${served.request.url} ${protocolOf(served)}`,
  },
  m: { doc: 'method', of: ({ request }) => request.method },
  U: { doc: 'path without the query', of: pathOf },
  q: { doc: 'query', of: queryOf },
  H: { doc: 'protocol', of: protocolOf },
  s: { doc: 'status; 499 when the client left before it got one', of: statusOf },
  B: { doc: 'bytes of the body', of: ({ response }) => bytesOf(response) },
  b: { doc: 'bytes of the body, or `-` for none', of: ({ response }) => bytesOf(response) || undefined },
  f: { doc: 'referer', of: ({ request }) => receivedOf(request, 'referer') },
  a: { doc: 'user agent', of: ({ request }) => receivedOf(request, 'user-agent') },
  T: { doc: 'duration in whole seconds', of: ({ durationMs }) => Math.trunc(durationMs / 1_000) },
  M: { doc: 'duration in milliseconds', of: ({ durationMs }) => Math.round(durationMs) },
  D: { doc: 'duration in microseconds', of: ({ durationMs }) => Math.round(durationMs * 1_000) },
  L: { doc: 'duration in seconds with six decimals', of: ({ durationMs }) => (durationMs / 1_000).toFixed(6) },
  p: { doc: "worker's pid", of: () => process.pid },
};

/** Each atom as written in a format, and what it is. */
export const atomDocs: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(atoms).map(([name, { doc }]) => [`%(${name})s`, doc])),
  '%({name}i)s': 'header of the request',
  '%({name}o)s': 'header of the response',
  '%({name}e)s': 'variable of the environment',
};

const namedAtom = (name: string, kind: string): Atom => {
  const key = name.toLowerCase();
  if (kind === 'i') return ({ request }) => textOf(request.headers[key]);
  if (kind === 'o') return ({ response }) => textOf(response.getHeader(key));
  return () => process.env[name];
};

const common = '%(h)s %(l)s %(u)s %(t)s "%(r)s" %(s)s %(b)s';
const named: Readonly<Record<string, string>> = { common, combined: `${common} "%(f)s" "%(a)s"` };

/** What a client sends must not end a field or a line. */
const escaped = (text: string): string =>
  text.replace(/["\\]|[^\x20-\x7e]/g, (character) =>
    character === '"' || character === '\\'
      ? `\\${character}`
      : `\\x${(character.charCodeAt(0) & 0xff).toString(16).padStart(2, '0')}`,
  );

const jsonLine = (served: Served): string =>
  JSON.stringify({
    time: served.at.toISOString(),
    address: served.request.socket.remoteAddress,
    method: served.request.method,
    path: served.request.url,
    protocol: protocolOf(served),
    status: statusOf(served),
    bytes: bytesOf(served.response),
    durationMs: Math.round(served.durationMs * 1_000) / 1_000,
    referer: served.request.headers.referer,
    agent: served.request.headers['user-agent'],
    pid: process.pid,
  });

/**
 * Makes a function of a format, once.
 * @throws Error for an atom that does not exist.
 */
export const compileFormat = (format: string): ((served: Served) => string) => {
  if (format === 'json') return jsonLine;
  const text = named[format] ?? format;
  const parts = text.split(/(%\((?:[a-zA-Z]|\{[^}]+\}[ioe])\)s)/).map((part): Atom => {
    const [, letter, name, kind] = /^%\((?:([a-zA-Z])|\{([^}]+)\}([ioe]))\)s$/.exec(part) ?? [];
    if (letter !== undefined && atoms[letter] !== undefined) return atoms[letter].of;
    if (name !== undefined && kind !== undefined) return namedAtom(name, kind);
    if (part.includes('%(')) {
      throw new Error(
        `expected combined, common, json, or a format of ${Object.keys(atomDocs).join(' ')}; got ${part}`,
      );
    }
    return () => part;
  });
  const isLiteral = (index: number): boolean => index % 2 === 0;
  return (served) => {
    let line = '';
    for (const [index, part] of parts.entries()) {
      const value = part(served);
      if (typeof value === 'number' || isLiteral(index)) line += value;
      else line += value === undefined || value === '' ? '-' : escaped(value);
    }
    return line;
  };
};
