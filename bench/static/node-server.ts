/** A server of one kind on a port: `node node-server.ts KIND PORT FOLDER`. Nothing but files, no access log. */
import { createServer, type RequestListener } from 'node:http';
import fastifyStatic from '@fastify/static';
import { accelerate, connectStatic, staticFiles } from '@ravine/static';
import fastify from 'fastify';
import serveStatic from 'serve-static';
import sirv from 'sirv';

const [kind = '', port = '', root = ''] = process.argv.slice(2);

const absent: RequestListener = (_, response) => {
  response.statusCode = 404;
  response.end();
};

const ours = () => {
  const files = staticFiles({ root });
  const middleware = connectStatic(files);
  return {
    files,
    server: createServer((request, response) => middleware(request, response, () => absent(request, response))),
  };
};

const servers = {
  ravine: () => {
    const { files, server } = ours();
    return accelerate(server, files);
  },
  middleware: () => ours().server,
  sirv: () => {
    const serve = sirv(root, { gzip: true, brotli: true, etag: true, maxAge: 60 });
    return createServer((request, response) => serve(request, response, () => absent(request, response)));
  },
  'serve-static': () => {
    const serve = serveStatic(root, { maxAge: 60_000 });
    return createServer((request, response) => serve(request, response, () => absent(request, response)));
  },
  '@fastify/static': () => {
    const app = fastify({ forceCloseConnections: true });
    app.register(fastifyStatic, { root, preCompressed: true, maxAge: 60_000 });
    return { listen: (port: number, host: string) => void app.listen({ port, host }), end: () => void app.close() };
  },
};

const start = Object.hasOwn(servers, kind) ? servers[kind as keyof typeof servers] : undefined; // its own key
if (start === undefined) throw new Error(`expected one of ${Object.keys(servers).join(', ')}, got "${kind}"`);
const server = start();
server.listen(Number(port), '127.0.0.1');
process.once('SIGTERM', () => {
  if ('end' in server) server.end();
  else server.close().closeAllConnections();
});
