import type { IncomingMessage } from 'node:http';
import { heededHeaders } from '../answer/heeded-headers.data.ts';

const heeded: ReadonlySet<string> = new Set(heededHeaders);
const lengths: readonly boolean[] = Array.from({ length: 24 }, (_, length) =>
  heededHeaders.some((name) => name.length === length),
);

/** Of these node:http takes the first line, of others all, with commas between them. */
const single: ReadonlySet<string> = new Set(['if-modified-since', 'if-unmodified-since']);

/** The headers that a file's answer depends on, read from what was received: making `request.headers` costs more than the answer. */
export const heededOf = ({ rawHeaders }: Pick<IncomingMessage, 'rawHeaders'>): Record<string, string> => {
  const headers: Record<string, string> = {};
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const received = rawHeaders[at] ?? '';
    if (!lengths[received.length]) continue;
    const name = received.toLowerCase();
    if (!heeded.has(name)) continue;
    const value = rawHeaders[at + 1] ?? '';
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else if (!single.has(name)) headers[name] = `${before}, ${value}`;
  }
  return headers;
};
