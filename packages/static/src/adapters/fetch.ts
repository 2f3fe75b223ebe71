import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import type { Body } from '../answer/answer.ts';
import { heededHeaders } from '../answer/heeded-headers.data.ts';
import type { StaticFiles } from '../static-files.ts';
import { ExactFile } from './exact-file.ts';

/** For servers of the Fetch API: the response when a file has this URL, else undefined. */
export const fetchStatic =
  (files: StaticFiles) =>
  (request: Request): Response | undefined => {
    const headers: Record<string, string> = {};
    for (const name of heededHeaders) {
      const value = request.headers.get(name);
      if (value !== null) headers[name] = value;
    }
    const afterHost = request.url.indexOf('/', request.url.indexOf('//') + 2);
    const answer = files.answer(request.url.slice(afterHost), { method: request.method, headers });
    if (answer === undefined) return undefined;
    const response = new Response(payload(answer.body), { status: answer.status });
    for (let i = 0; i < answer.headers.length; i += 2)
      response.headers.set(answer.headers[i] ?? '', answer.headers[i + 1] ?? '');
    return response;
  };

const payload = (body: Body | undefined): ReadableStream | Uint8Array<ArrayBuffer> | null => {
  if (body === undefined) return null;
  // Files are read into ordinary buffers, never into shared memory.
  if (body instanceof Uint8Array) return body as Uint8Array<ArrayBuffer>;
  return Readable.toWeb(new ExactFile(body));
};

/** Middleware for Hono: `app.use(honoStatic(assets))`. */
export const honoStatic = (files: StaticFiles) => {
  const answer = fetchStatic(files);
  return async (
    context: { readonly req: { readonly raw: Request } },
    next: () => Promise<void>,
  ): Promise<Response | undefined> => {
    const response = answer(context.req.raw);
    if (response === undefined) await next();
    return response;
  };
};
