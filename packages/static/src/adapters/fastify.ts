import type { IncomingMessage } from 'node:http';
import type { StaticFiles } from '../static-files.ts';
import { ExactFile } from './exact-file.ts';
import { heededOf } from './heeded-of.ts';

interface Reply {
  code(status: number): unknown;
  header(name: string, value: string): unknown;
  send(payload?: unknown): unknown;
}

interface Instance {
  addHook(
    name: 'onRequest',
    hook: (request: { readonly raw: IncomingMessage }, reply: Reply, done: (error?: Error) => void) => void,
  ): unknown;
}

/** A Fastify plugin: `await app.register(fastifyStatic(assets))`. It answers before any route; what is no file goes on. */
export const fastifyStatic = (files: StaticFiles) => {
  const plugin = (instance: Instance, _options: unknown, ready: (error?: Error) => void): void => {
    instance.addHook('onRequest', ({ raw }, reply, done) => {
      const { method = 'GET', url = '/' } = raw;
      const served = files.find(url);
      const answer = served && files.answerWith(served, url, { method, headers: heededOf(raw) });
      if (answer === undefined) {
        done();
        return;
      }
      reply.code(answer.status);
      for (let i = 0; i < answer.headers.length; i += 2)
        reply.header(answer.headers[i] ?? '', answer.headers[i + 1] ?? '');
      const { body } = answer;
      reply.send(body === undefined || body instanceof Uint8Array ? body : new ExactFile(body));
    });
    ready();
  };
  // Fastify's word for "belongs to the instance that registers it", so that it also sees paths that no route has.
  return Object.assign(plugin, { [Symbol.for('skip-override')]: true });
};
