import { doesNotMatch, match, notStrictEqual, strictEqual } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { createApp } from '../src/app.ts';
import { assets } from '../src/assets.ts';
import { startServer } from './shop.ts';

const nowhere = 'postgres://reader:secret@localhost/shop?host=/nonexistent';

test('without DATABASE_URL, server and migrations say what to do and end', () => {
  for (const [command, ...args] of [
    ['prefork', 'src/server.ts', '--bind', '127.0.0.1:0'],
    ['node', 'src/migrate.ts'],
  ]) {
    const { status, stderr } = start({}, command, ...args);
    notStrictEqual(status, 0);
    match(stderr, /^DATABASE_URL must be .* not set\. .*heroku addons:create heroku-postgresql/m);
  }
});

for (const [setting, expected] of [
  [{ DATABASE_URL: 'mysql://me:secret@host' }, /^DATABASE_URL must be a postgres:\/\/ URL/m],
  [{ SESSION_SECRET: 'secret@' }, /^SESSION_SECRET must have at least 16 characters, but it has 7/m],
  [{ HTTPS_REDIRECT: 'perhaps' }, /^HTTPS_REDIRECT must be 1 or 0, but it is "perhaps"/m],
  [{ BUCKETEER_BUCKET_NAME: 'b' }, /^BUCKETEER_AWS_ACCESS_KEY_ID must be set, because the bucket "b"/m],
] as const) {
  test(`a ${Object.keys(setting)} that can’t be used is named, and no secret is shown`, () => {
    const env = { DATABASE_URL: nowhere, SESSION_SECRET: 'long enough for a shop', ...setting };
    const { stderr } = start(env, 'prefork', 'src/server.ts', '--bind', '127.0.0.1:0');
    match(stderr, expected);
    doesNotMatch(stderr, /secret@/);
  });
}

function start(env: Record<string, string>, command = '', ...args: readonly string[]) {
  const cwd = new URL('..', import.meta.url);
  return spawnSync(command, args, { cwd, env: { PATH: process.env.PATH, ...env }, encoding: 'utf8' });
}

test('without its database the shop answers 503 and says when to try again; other pages work', async () => {
  await using server = await startServer({ DATABASE_URL: nowhere });
  for (const path of ['/', '/healthz']) {
    const response = await fetch(server.url + path);
    strictEqual(response.status, 503);
    strictEqual(response.headers.get('retry-after'), '10');
    doesNotMatch(await response.text(), /nonexistent|secret/);
  }
  strictEqual((await fetch(`${server.url}/about`)).status, 200);
});

test('idle connections are kept longer than a router keeps them', async () => {
  await using server = await startServer({ DATABASE_URL: nowhere });
  const response = await fetch(`${server.url}/about`);
  strictEqual(response.headers.get('keep-alive'), 'timeout=95');
});

test('a connection that a router keeps does not hold up the end until the platform kills', async () => {
  await using server = await startServer({ DATABASE_URL: nowhere, PREFORK_GRACEFUL_TIMEOUT: '4' });
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.write('GET /about HTTP/1.1\r\nHost: shop\r\n\r\n');
  await once(socket, 'data');
  process.kill(server.pid, 'SIGTERM');
  await once(socket.resume(), 'end'); // Ended in order, not cut.
  strictEqual(await server.ended, 0);
});

test('a file that can’t be read gets an error page, and the shop lives on', async (context) => {
  context.mock.method(assets, 'find', () => {
    throw new Error('EIO: i/o error, read');
  });
  context.mock.method(console, 'error', () => undefined);
  const app = createApp({ httpsRedirect: false } as Parameters<typeof createApp>[0]); // This page needs nothing of it.
  await using site = createServer((request, response) => void app(request, response)).listen(0, '127.0.0.1');
  await once(site, 'listening');
  const address = site.address();
  const response = await fetch(`http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/static/style.css`);
  strictEqual(response.status, 500);
  match(await response.text(), /^<!doctype html>/);
  strictEqual(response.headers.get('cache-control'), 'no-store');
});

test('after SIGTERM a request in flight is answered, no new one is taken, and the process exits 0', async () => {
  await using server = await startServer({ DATABASE_URL: nowhere });
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.write(
    'POST /log-in HTTP/1.1\r\nHost: shop\r\nContent-Type: application/x-www-form-urlencoded\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n',
  );
  await once(socket, 'data'); // 100 Continue: the request has begun.
  process.kill(server.pid, 'SIGTERM');
  while (await accepts(server.url)); // Ends when the signal has been handled.
  socket.write('a=b');
  match(await text(socket), /^HTTP\/1\.1 403 .*connection: close/is);
  strictEqual(await server.ended, 0);
});

async function accepts(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
