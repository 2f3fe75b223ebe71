import { doesNotMatch, match, strictEqual } from 'node:assert/strict';
import { get, type IncomingMessage } from 'node:http';
import { after, test } from 'node:test';
import { type ServerProcess, startServer } from './shop.ts';

// No page asked for here needs a database.
const env = { DATABASE_URL: 'postgres://localhost/shop?host=/nonexistent' };
const shop = await startServer(env);
after(() => shop[Symbol.asyncDispose]());

/** Asks as a router does: with the host that the visitor typed, and how they came. */
function visit(server: ServerProcess, host: string, scheme: string, path = '/about?a=1'): Promise<IncomingMessage> {
  const headers = { host, 'x-forwarded-proto': scheme };
  return new Promise((resolve, reject) => {
    get(server.url + path, { headers }, (response) => resolve(response.resume())).on('error', reject);
  });
}

test('who comes by http is sent to the same address by https, for pages and files', async () => {
  for (const path of ['/about?a=1', '/static/style.css']) {
    const { statusCode, headers } = await visit(shop, 'books.example', 'http', path);
    strictEqual(statusCode, 308);
    strictEqual(headers.location, `https://books.example${path}`);
    strictEqual(headers['strict-transport-security'], undefined);
  }
});

test('who comes by https is told to come by https only', async () => {
  const { statusCode, headers } = await visit(shop, 'books.example', 'https');
  strictEqual(statusCode, 200);
  match(String(headers['strict-transport-security']), /^max-age=31536000$/);
});

test('names of one’s own machine are answered as they come', async () => {
  for (const host of ['localhost:8000', 'books.localhost:8080', '127.0.0.1']) {
    strictEqual((await visit(shop, host, 'http')).statusCode, 200, host);
    strictEqual((await visit(shop, host, 'https')).headers['strict-transport-security'], undefined, host);
  }
  strictEqual((await visit(shop, 'localhost.example', 'http')).statusCode, 308);
});

test('HTTPS_REDIRECT=0 leaves the scheme to the visitor', async () => {
  await using lenient = await startServer({ ...env, HTTPS_REDIRECT: '0' });
  strictEqual((await visit(lenient, 'books.example', 'http')).statusCode, 200);
  doesNotMatch(JSON.stringify((await visit(lenient, 'books.example', 'https')).headers), /strict-transport/);
});
