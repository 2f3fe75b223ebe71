import type { IncomingMessage } from 'node:http';
import type { StaticFiles } from '../static-files.ts';
import { ExactFile } from './exact-file.ts';
import { heededOf } from './heeded-of.ts';

interface Context {
  readonly req: IncomingMessage;
  status: number;
  body: unknown;
  set(name: string, value: string): void;
  remove(name: string): void;
}

/** Middleware for Koa: `app.use(koaStatic(assets))`. */
export const koaStatic =
  (files: StaticFiles) =>
  async (context: Context, next: () => Promise<unknown>): Promise<void> => {
    const { method = 'GET', url = '/' } = context.req;
    const served = files.find(url);
    const answer = served && files.answerWith(served, url, { method, headers: heededOf(context.req) });
    if (answer === undefined) {
      await next();
      return;
    }
    const { body } = answer;
    context.status = answer.status;
    // Koa invents a body where there is none, and a type and a length for any: ours come after.
    if (body === undefined) context.body = '';
    else context.body = body instanceof Uint8Array ? body : new ExactFile(body);
    context.remove('content-type');
    for (let i = 0; i < answer.headers.length; i += 2)
      context.set(answer.headers[i] ?? '', answer.headers[i + 1] ?? '');
  };
