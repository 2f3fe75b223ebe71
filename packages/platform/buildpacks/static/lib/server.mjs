// Serves the site on PORT. Dot files stay private; links can't lead out of the folder.
import { createReadStream } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { extname, join, resolve, sep } from 'node:path';
import { readSettings } from './settings.mjs';

const types = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
  '.xml': 'application/xml',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.webp': 'image/webp',
  '.avif': 'image/avif',
  '.ico': 'image/x-icon',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.pdf': 'application/pdf',
  '.mp4': 'video/mp4',
  '.webmanifest': 'application/manifest+json',
};

const settings = readSettings();
const root = await realpath(resolve(settings.folder));

const find = async (path) => {
  const file = await realpath(join(root, path)).catch(() => undefined);
  if (!file || (file !== root && !file.startsWith(root + sep))) return undefined;
  const info = await stat(file);
  return info.isFile() ? { file, info } : info.isDirectory() ? { folder: true } : undefined;
};

const locate = async (path) => {
  if (path.includes('\0') || path.split('/').some((part) => part.startsWith('.') && part !== '.well-known'))
    return undefined;
  const found = await find(path);
  if (found?.file) return found;
  if (found?.folder) {
    const index = await find(`${path}/index.html`);
    if (index?.file) return path.endsWith('/') ? index : { redirect: `${path.replace(/^\/+/, '/')}/` };
  }
  return settings.cleanUrls && path !== '/' ? find(`${path}.html`) : undefined;
};

const send = (request, response, status, { file, info }) => {
  const etag = `"${info.size.toString(16)}-${Math.floor(info.mtimeMs).toString(16)}"`;
  response.setHeader('ETag', etag);
  response.setHeader('Last-Modified', info.mtime.toUTCString());
  response.setHeader('Cache-Control', 'no-cache');
  if (status === 200 && request.headers['if-none-match'] === etag) return void response.writeHead(304).end();
  response.writeHead(status, {
    'Content-Type': types[extname(file).toLowerCase()] ?? 'application/octet-stream',
    'Content-Length': info.size,
  });
  if (request.method === 'HEAD') return void response.end();
  createReadStream(file)
    .on('error', () => response.destroy())
    .pipe(response);
};

const answer = async (request, response) => {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    return void response.writeHead(405, { Allow: 'GET, HEAD' }).end();
  let path;
  try {
    path = decodeURIComponent(new URL(request.url, 'http://site.invalid').pathname);
  } catch {
    return void response.writeHead(400).end('Bad request\n');
  }
  const found = await locate(path);
  if (found?.redirect) return void response.writeHead(301, { Location: encodeURI(found.redirect) }).end();
  if (found?.file) return send(request, response, 200, found);
  const fallback = settings.fallback && (await find(settings.fallback));
  if (fallback?.file) return send(request, response, 200, fallback);
  const page = settings.errorPage && (await find(settings.errorPage));
  if (page?.file) return send(request, response, 404, page);
  response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('Not found\n');
};

const server = createServer((request, response) => {
  answer(request, response).catch(() => response.destroy());
});
server.listen(Number(process.env.PORT), () => console.log(`Serving ${settings.folder} on port ${process.env.PORT}`));
process.on('SIGTERM', () => {
  server.close();
  server.closeIdleConnections();
});
