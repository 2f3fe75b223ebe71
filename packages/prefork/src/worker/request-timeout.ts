import type { ServerResponse } from 'node:http';
import { tellMaster } from '../inherited.ts';
import type { Observer } from './observer.ts';

/** What the app does later to a response that was answered for it must not throw. */
const silence = (response: ServerResponse): void => {
  const same = (): ServerResponse => response;
  Object.assign(response, { setHeader: same, appendHeader: same, writeHead: same, end: same, write: () => true });
};

/** Answers 503 in the place of an app that takes too long; cuts the connection when the answer had begun. */
export const requestTimeoutObserver = (limitMs: number): Observer => ({
  mayMissFiles: true,
  start: (request, response) => {
    const timer = setTimeout(() => {
      tellMaster({
        prefork: 'log',
        level: 'warning',
        text: `worker ${process.pid}: ${request.method} ${request.url?.split('?')[0]} was not answered within ${limitMs / 1_000} s`,
      });
      if (response.headersSent) {
        response.destroy();
        return;
      }
      for (const name of response.getHeaderNames()) response.removeHeader(name);
      response.shouldKeepAlive = false;
      response.writeHead(503, { 'content-type': 'text/plain' }).end('The request took too long.\n');
      silence(response);
    }, limitMs);
    response.once('close', () => clearTimeout(timer));
    return false;
  },
});
