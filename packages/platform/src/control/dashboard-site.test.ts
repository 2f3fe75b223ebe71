import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { dashboardSite } from './dashboard-site.ts';

const folder = await mkdtemp(join(tmpdir(), 'ravine-site-'));
await mkdir(join(folder, 'assets'));
await writeFile(join(folder, 'index.html'), '<!doctype html><title>Ravine</title>');
await writeFile(join(folder, 'assets', 'index-abc.js'), 'export {};');
const serve = async (site: ReturnType<typeof dashboardSite>) => {
  const server = createServer((request, response) => {
    if (!site(request, response)) response.writeHead(418).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0 };
};
const { server, port } = await serve(dashboardSite(folder));
after(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

const ask = async (path: string, headers: Record<string, string> = {}, at = port) => {
  const [answer] = (await once(get({ port: at, host: '127.0.0.1', path, headers, agent: false }), 'response')) as [
    IncomingMessage, // what the event has
  ];
  let text = '';
  for await (const chunk of answer.setEncoding('utf8')) text += String(chunk);
  return { status: answer.statusCode, headers: answer.headers, text };
};

test('every path below /dashboard is a page, with a policy that allows no inline script, style or frame', async () => {
  for (const path of ['/dashboard/', '/dashboard/apps/shop/settings', '/dashboard/index.html', '/dashboard/?x=1']) {
    const { status, headers, text } = await ask(path);
    assert.equal(status, 200, path);
    assert.match(text, /<title>Ravine/);
    const policy = String(headers['content-security-policy']);
    assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self';.*frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe/);
    assert.equal(headers['cache-control'], 'no-cache');
  }
});

test('files are kept for good by browsers, and one that is gone is not answered with a page', async () => {
  const { status, headers } = await ask('/dashboard/assets/index-abc.js');
  assert.equal(status, 200);
  assert.match(String(headers['cache-control']), /immutable/);
  assert.equal((await ask('/dashboard/assets/index-old.js')).status, 404);
  assert.equal((await ask('/dashboard/..%2f..%2fsecrets')).text.includes('Ravine'), true);
});

test('a browser at / is led to the dashboard; API clients and the paths of sessions are left to the API', async () => {
  const home = await ask('/', { accept: 'text/html,*/*' });
  assert.deepEqual([home.status, home.headers.location], [302, '/dashboard/']);
  assert.equal((await ask('/dashboard')).headers.location, '/dashboard/');
  for (const path of ['/', '/apps', '/dashboard/session', '/dashboard/enter/abc', '/dashboard/links', '/dashboards']) {
    assert.equal((await ask(path)).status, 418, path);
  }
});

test('under another name than localhost the pages are only to be had over TLS', async () => {
  const { status, headers } = await ask('/dashboard/apps', { host: 'paas.example.com:5100' });
  assert.deepEqual([status, headers.location], [307, 'https://paas.example.com:5100/dashboard/apps']);
  const proxied = { host: 'paas.example.com', 'x-forwarded-proto': 'https' };
  assert.equal((await ask('/dashboard/', proxied)).status, 200);
});

test('where it was not built, the page says how to build it', async () => {
  const bare = await serve(dashboardSite(join(folder, 'nowhere')));
  const { status, text } = await ask('/dashboard/', {}, bare.port);
  bare.server.close();
  assert.equal(status, 503);
  assert.match(text, /npm run build/);
});
