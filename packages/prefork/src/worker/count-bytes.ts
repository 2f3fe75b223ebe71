import type { ServerResponse } from 'node:http';

const counted = Symbol('bytes of the body');

type Counted = ServerResponse & { [counted]?: number };
type Send = (chunk: unknown, encoding: unknown, callback: unknown) => unknown;

const lengthOf = (chunk: unknown, encoding: unknown): number => {
  if (typeof chunk === 'string')
    return Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8'); // as given to write
  return chunk instanceof Uint8Array ? chunk.byteLength : 0;
};

/** One function for all responses: one for each would cost every request. */
const counting = (name: 'write' | 'end') =>
  function (this: Counted, chunk?: unknown, encoding?: unknown, callback?: unknown): unknown {
    this[counted] = (this[counted] ?? 0) + lengthOf(chunk, encoding);
    const send = Reflect.get(Object.getPrototypeOf(this), name) as Send; // every response has both
    return send.call(this, chunk, encoding, callback);
  };

const counters = { write: counting('write'), end: counting('end') };

/** Counts the bytes of the body from now on. */
export const countBytes = (response: ServerResponse): void => {
  Object.assign(response, counters);
};

export const bytesOf = (response: Counted): number => (response.req.method === 'HEAD' ? 0 : (response[counted] ?? 0));
