import { existsSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { handleStatic, type StaticFiles, staticFiles } from '@ravine/static';

/** Where `npm run build` puts the pages. */
const builtFolder = join(import.meta.dirname, '..', '..', '..', 'dashboard', 'dist');
const prefix = '/dashboard/';
/** Below the prefix, yet the API's. */
const apiPath = /^\/dashboard\/(?:session|links|enter\/[^/?]*)\/?(?:\?|$)/;
const loopback = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i;

/** Scripts, styles, pictures and answers come from here alone, and nobody may frame a page. */
const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ');

const pageHeaders = {
  'content-security-policy': pagePolicy,
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

const notBuilt =
  'The dashboard has not been built: run `npm run build` where Ravine is installed, then load this page again.\n';

/**
 * The dashboard's pages and files. Each path that is no file is one of its pages, which its script tells apart.
 * @returns whether the request was for it; all others are left alone.
 */
export const dashboardSite = (folder = builtFolder) => {
  let site: { readonly files: StaticFiles; readonly page: Buffer } | undefined;

  /** Read at the first request: most starts are not followed by one. */
  const open = (): typeof site => {
    const page = join(folder, 'index.html');
    if (site === undefined && existsSync(page)) {
      const options = { root: folder, prefix, immutable: /^\/dashboard\/assets\//, allowAllOrigins: false };
      site = { files: staticFiles(options), page: readFileSync(page) };
    }
    return site;
  };

  return (request: IncomingMessage, response: ServerResponse): boolean => {
    const { method = 'GET', url = '/' } = request;
    const isRoot = url === '/' && (request.headers.accept ?? '').includes('text/html');
    if (method !== 'GET' && method !== 'HEAD') return false;
    if (!isRoot && url !== '/dashboard' && !url.startsWith('/dashboard?') && !url.startsWith(prefix)) return false;
    if (apiPath.test(url)) return false;
    if (isRoot || !url.startsWith(prefix)) return redirect(response, prefix, 302);
    const secure = secureAddress(request);
    if (secure !== undefined) return redirect(response, secure, 307);
    const built = open();
    if (built === undefined) return say(response, 503, notBuilt);
    if (url !== `${prefix}index.html` && handleStatic(built.files, request, response)) return true;
    if (url.startsWith(`${prefix}assets/`)) return say(response, 404, 'There is no such file.\n');
    response.writeHead(200, {
      ...pageHeaders,
      'content-type': 'text/html; charset=utf-8',
      'content-length': built.page.length,
      'cache-control': 'no-cache',
    });
    response.end(method === 'HEAD' ? undefined : built.page);
    return true;
  };
};

/** The same address over TLS, where it is needed: the session's cookie goes over TLS or stays on this machine. */
const secureAddress = ({ headers, socket, url = '' }: IncomingMessage): string | undefined => {
  const host = headers.host ?? '';
  if (socket instanceof TLSSocket || headers['x-forwarded-proto'] === 'https' || loopback.test(host)) return undefined;
  return /^[\w.-]+(?::\d{1,5})?$/.test(host) ? `https://${host}${url}` : undefined;
};

const redirect = (response: ServerResponse, location: string, status: number): true => {
  response.writeHead(status, { location, 'cache-control': 'no-store' }).end();
  return true;
};

const say = (response: ServerResponse, status: number, text: string): true => {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'cache-control': 'no-store' }).end(text);
  return true;
};
