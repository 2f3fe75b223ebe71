import type { ServerResponse } from 'node:http';

const counted = new WeakMap<ServerResponse, number>();

const lengthOf = (chunk: unknown, encoding: unknown): number => {
  if (typeof chunk === 'string')
    return Buffer.byteLength(chunk, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8'); // as given to write
  return chunk instanceof Uint8Array ? chunk.byteLength : 0;
};

/** Counts the bytes of the body from now on. */
export const countBytes = (response: ServerResponse): void => {
  const { write, end } = response;
  counted.set(response, 0);
  const count = (args: readonly unknown[]): void => {
    counted.set(response, (counted.get(response) ?? 0) + lengthOf(args[0], args[1]));
  };
  response.write = (...args: unknown[]) => {
    count(args);
    return Reflect.apply(write, response, args);
  };
  response.end = (...args: unknown[]) => {
    count(args);
    return Reflect.apply(end, response, args);
  };
};

export const bytesOf = (response: ServerResponse): number =>
  response.req.method === 'HEAD' ? 0 : (counted.get(response) ?? 0);
