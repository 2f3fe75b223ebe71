import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { clientOf } from './client-of.ts';

/** An app in the form that Workers, Deno and Bun share. */
export type FetchHandler = (request: Request) => Response | Promise<Response>;

const hasNoBody = (method: string | undefined): boolean => method === 'GET' || method === 'HEAD';

const requestOf = (incoming: IncomingMessage, signal: AbortSignal): Request => {
  const { scheme, host } = clientOf(incoming);
  const headers = new Headers();
  const { rawHeaders } = incoming;
  for (let at = 0; at < rawHeaders.length; at += 2) headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
  const path = incoming.url?.startsWith('/') ? incoming.url : '/';
  return new Request(`${scheme}://${host || 'localhost'}${path}`, {
    method: incoming.method ?? 'GET',
    headers,
    signal,
    ...(hasNoBody(incoming.method) ? {} : { body: Readable.toWeb(incoming), duplex: 'half' }),
  });
};

const send = async (response: Response, outgoing: ServerResponse, method: string | undefined): Promise<void> => {
  const headers: Record<string, string | string[]> = {};
  for (const [name, value] of response.headers) if (name !== 'set-cookie') headers[name] = value;
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) headers['set-cookie'] = cookies;
  outgoing.writeHead(response.status, response.statusText || undefined, headers);
  if (response.body === null || method === 'HEAD') {
    outgoing.end();
    await response.body?.cancel();
    return;
  }
  await pipeline(Readable.fromWeb(response.body), outgoing);
};

const isResponse = (value: unknown): value is Response =>
  typeof value === 'object' && value !== null && 'status' in value && 'headers' in value && 'body' in value;

const answer = async (handler: FetchHandler, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
  const gone = new AbortController();
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) gone.abort();
  });
  try {
    const response: unknown = await handler(requestOf(incoming, gone.signal));
    if (!isResponse(response))
      throw new Error(`expected the fetch handler to return a Response, got ${typeof response}`);
    await send(response, outgoing, incoming.method);
  } catch (error) {
    if (gone.signal.aborted) return;
    console.error(error);
    if (outgoing.headersSent) outgoing.destroy();
    else outgoing.writeHead(500, { 'content-type': 'text/plain' }).end('Internal Server Error\n');
  }
};

/** A request listener of node:http that hands on to a fetch handler. */
export const listenerOf =
  (handler: FetchHandler): RequestListener =>
  (incoming, outgoing) =>
    void answer(handler, incoming, outgoing);
