/** Main of npm http-proxy with the headers and the access log that the others have; tells its port. */
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Agent, createServer } from 'node:http';
import httpProxy from 'http-proxy';

const [upstreamPort = '', accessLog = ''] = process.argv.slice(2);
const proxy = httpProxy.createProxyServer({
  target: `http://127.0.0.1:${upstreamPort}`,
  agent: new Agent({ keepAlive: true, maxFreeSockets: 256 }),
  xfwd: true,
});
const log = createWriteStream(accessLog, { flags: 'a' });
proxy.on('proxyReq', (request) => {
  request.setHeader('X-Request-Id', randomUUID());
  request.setHeader('X-Request-Start', Date.now());
  request.setHeader('Via', '1.1 http-proxy');
});
proxy.on('proxyRes', (response) => {
  response.headers.via = '1.1 http-proxy';
});
proxy.on('error', (error, _request, response) => {
  console.error(error);
  response.destroy();
});
const server = createServer((request, response) => {
  const from = request.socket.remoteAddress ?? '';
  response.on('finish', () => {
    const what = `${request.method} ${request.url} HTTP/${request.httpVersion}`;
    const agent = request.headers['user-agent'] ?? '-';
    log.write(`${from} - - [${new Date().toISOString()}] "${what}" ${response.statusCode} "${agent}"\n`);
  });
  proxy.web(request, response);
});
server.keepAliveTimeout = 75_000;
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.send?.(typeof address === 'object' ? address?.port : undefined);
});
process.on('SIGTERM', () => process.exit(0));
