import { readFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { Server } from 'node:net';
import type { Settings } from '../settings/read-settings.ts';
import { type FetchHandler, listenerOf } from './fetch-handler.ts';

const { createServer } = process.getBuiltinModule('node:http');

type Secure = Pick<Settings, 'certfile' | 'keyfile'>;

const hasMethod = <Name extends string>(
  value: unknown,
  name: Name,
): value is Readonly<Record<Name, (...args: unknown[]) => unknown>> =>
  (typeof value === 'object' || typeof value === 'function') &&
  value !== null &&
  name in value &&
  typeof Reflect.get(value, name) === 'function';

const serverFor = (listener: RequestListener, { certfile, keyfile }: Secure): Server =>
  certfile === undefined || keyfile === undefined
    ? createServer(listener)
    : createSecureServer({ cert: readFileSync(certfile), key: readFileSync(keyfile) }, listener);

interface Closable {
  readonly server: Server;
  ready(): unknown;
  close(): unknown;
}

/** Fastify: its server is there, its routes once it is ready; what plugins have open is closed by `close`. */
const isFastify = (app: unknown): app is Closable =>
  hasMethod(app, 'ready') && hasMethod(app, 'close') && 'server' in app && app.server instanceof Server;

/** What ends an app that can be closed, once nobody is served any more. */
export const closerOf = (app: unknown): (() => Promise<unknown>) | undefined =>
  isFastify(app) ? async () => app.close() : undefined;

/**
 * Makes a server of what an app exports: a server, a request handler, a fetch handler (a function of one parameter or
 * an object with `fetch`), or a framework's app that has one of these inside.
 *
 * @throws Error when it is none of them.
 */
export const serverOf = async (app: unknown, secure: Secure): Promise<Server> => {
  if (app instanceof Server) return app;
  if (isFastify(app)) {
    await app.ready();
    return app.server;
  }
  if (hasMethod(app, 'fetch')) {
    return serverFor(listenerOf(((request) => app.fetch(request)) as FetchHandler), secure); // its answer is checked when it comes
  }
  // Koa.
  if (hasMethod(app, 'callback') && typeof app !== 'function')
    return serverFor(app.callback() as RequestListener, secure); // as Koa documents
  if (typeof app === 'function') {
    const isFetch = app.length === 1 || app.name === 'fetch';
    // A function says no more of itself than its number of parameters.
    return serverFor(isFetch ? listenerOf(app as FetchHandler) : (app as RequestListener), secure);
  }
  throw new Error(
    'expected the app to be an http server, a function (request, response), a function (request: Request) => Response ' +
      `or an object with fetch, got ${app === null ? 'null' : typeof app}`,
  );
};
